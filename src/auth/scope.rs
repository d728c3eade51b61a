//! The scope of a token request.
//!
//! The scope (distribution token specification, "Token Scope Documentation") is built for the repository that the user
//! named. The challenge proposes one too, and most clients repeat it unread; but GHCR answers `/v2/` with a
//! placeholder, and a registry that proposes `push` must not get a token for it from a user who only pulls. So the
//! proposal is compared and differences are reported, but it is not followed.

use crate::text::Untrusted;

/// Scopes that do not name a real repository. GHCR sends its placeholder with the 401 of `/v2/`, where it cannot know
/// the repository; a token for it is rejected everywhere.
const PLACEHOLDERS: [&str; 1] = ["repository:user/image:pull"];

/// The maximum length of a single-word scope that is repeated.
const OPAQUE_LIMIT: usize = 64;

/// The scope for listing the repositories of a registry (CNCF distribution). `*` is its only action.
const CATALOGUE: &str = "registry:catalog:*";

/// The maximum number of additional entries of a proposed scope that are kept.
const EXTRA_LIMIT: usize = 16;

/// The scope to request a token for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Scope {
    text: String,
    remark: Remark,
}

/// The difference between the scope that the challenge proposed and the one that is requested.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Remark {
    /// The challenge proposed none, as for `/v2/` of most registries, or there was no challenge.
    None,
    /// It proposed the same scope.
    Same,
    /// It proposed a placeholder that names no repository.
    Placeholder,
    /// It proposed this repository and more: further actions (`push`), or further scopes. They are listed, at most 16,
    /// and not requested.
    Wider(Vec<Untrusted>),
    /// It proposed another repository, which is given. Mirrors and path-mapping proxies do this.
    OtherRepository(Untrusted),
    /// It proposed one word without parts, such as ECR Public's `aws`, which is repeated as it is.
    Opaque,
    /// It proposed a scope that does not allow pulling from a repository, such as `registry:catalog:*` or Gitea's `*`.
    Unusable,
}

impl Remark {
    /// A remark about the proposal, in a sentence; `None` if it is the expected one.
    pub fn sentence(&self) -> Option<String> {
        match self {
            Self::None | Self::Same => None,
            Self::Placeholder => Some(
                "The challenge names a placeholder instead of a repository; the requested scope names the repository."
                    .to_owned(),
            ),
            Self::Wider(more) => {
                let more: Vec<_> = more.iter().map(|part| part.quoted_within(60)).collect();
                Some(format!(
                    "The challenge proposes more than pulling ({}), which was not requested.",
                    more.join(", ")
                ))
            }
            Self::OtherRepository(other) => {
                Some(format!("The challenge names another repository: {}.", other.quoted_within(120)))
            }
            Self::Opaque => Some("This registry uses one word as the scope for everything.".to_owned()),
            Self::Unusable => Some(
                "The scope of the challenge is unusable; the requested scope was built for the repository.".to_owned(),
            ),
        }
    }
}

impl Scope {
    /// The scope for pulling from a repository.
    ///
    /// The name is used as it is; encoding it in a URL is up to the caller.
    pub fn pull(repository: &str) -> Self {
        Self { text: format!("repository:{repository}:pull"), remark: Remark::None }
    }

    /// The scope for pulling from a repository, in answer to a challenge that may have proposed one.
    ///
    /// Only a word of `[A-Za-z0-9._-]`, at most 64 characters long, is taken from the challenge: a registry that uses
    /// such a constant does not have scopes by repository.
    pub fn for_challenge(repository: &str, challenge_scope: Option<&Untrusted>) -> Self {
        let mut scope = Self::pull(repository);
        let Some(proposed) = challenge_scope.map(|scope| scope.as_str().trim()).filter(|scope| !scope.is_empty())
        else {
            return scope;
        };
        scope.remark = scope.compare(repository, proposed);
        if scope.remark == Remark::Opaque {
            scope.text = proposed.to_owned();
        }
        scope
    }

    /// The scope for a challenge to a request that is not about a repository: that of the catalog, or a single word.
    /// Any other scope would be for a repository that the user did not name, or for more than pulling, and is not
    /// requested; the token is then requested without a scope.
    pub fn without_repository(challenge_scope: Option<&Untrusted>) -> Option<Self> {
        let proposed = challenge_scope.map(|scope| scope.as_str().trim()).filter(|scope| !scope.is_empty())?;
        let remark = if proposed == CATALOGUE { Remark::Same } else { Remark::Opaque };
        let may_be_repeated = remark == Remark::Same || is_opaque(proposed);
        may_be_repeated.then(|| Self { text: proposed.to_owned(), remark })
    }

    /// The scope as it is sent: built from the requested repository, or a word that is safe to print.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The difference from the scope that the challenge proposed.
    pub fn remark(&self) -> &Remark {
        &self.remark
    }

    fn compare(&self, repository: &str, proposed: &str) -> Remark {
        if proposed == self.text {
            return Remark::Same;
        }
        if PLACEHOLDERS.contains(&proposed) {
            return Remark::Placeholder;
        }
        if is_opaque(proposed) {
            return Remark::Opaque;
        }
        let (mut named, mut pull, mut other, mut extra) = (false, false, None, Vec::new());
        for entry in proposed.split_ascii_whitespace() {
            match repository_scope(entry) {
                Some((name, actions)) if name == repository => {
                    named = true;
                    pull |= actions.split(',').any(|action| action == "pull");
                    extra.extend(actions.split(',').filter(|action| !action.is_empty() && *action != "pull"));
                }
                Some((name, _)) => {
                    other = other.or(Some(name));
                    extra.push(entry);
                }
                None => extra.push(entry),
            }
        }
        match (named, other) {
            (true, _) if !extra.is_empty() => {
                Remark::Wider(extra.into_iter().take(EXTRA_LIMIT).map(Untrusted::from).collect())
            }
            (true, _) if pull => Remark::Same,
            (false, Some(name)) => Remark::OtherRepository(name.into()),
            _ => Remark::Unusable,
        }
    }
}

fn is_opaque(proposed: &str) -> bool {
    proposed.len() <= OPAQUE_LIMIT
        && proposed.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

/// The name and the actions of `repository:NAME:ACTIONS`. A name may begin with a host and port, so the actions come
/// after the last colon.
fn repository_scope(entry: &str) -> Option<(&str, &str)> {
    entry.strip_prefix("repository:")?.rsplit_once(':')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(repository: &str, proposed: &str) -> Scope {
        Scope::for_challenge(repository, Some(&proposed.into()))
    }

    #[test]
    fn scope_is_built_for_the_requested_repository() {
        let words = |words: &[&str]| Remark::Wider(words.iter().map(|word| Untrusted::from(*word)).collect());
        for (registry, proposed, remark) in [
            ("CNCF distribution", "repository:demo/app:pull", Remark::Same),
            ("the same with a duplicate action", "repository:demo/app:pull,pull", Remark::Same),
            ("GHCR, /v2/", "repository:user/image:pull", Remark::Placeholder),
            ("CNCF distribution, upload", "repository:demo/app:push,pull", words(&["push"])),
            ("all actions", "repository:demo/app:pull,push,delete,*", words(&["push", "delete", "*"])),
            (
                "CNCF distribution, mount",
                "repository:a/b:pull,push repository:demo/app:pull",
                words(&["repository:a/b:pull,push"]),
            ),
            ("a proxy that maps paths", "repository:app:pull", Remark::OtherRepository("app".into())),
            ("a host in the name", "repository:r.test:5000/x:pull", Remark::OtherRepository("r.test:5000/x".into())),
            ("ACR", "registry:catalog:*", Remark::Unusable),
            ("Gitea", "*", Remark::Unusable),
            ("no action", "repository:demo/app:", Remark::Unusable),
            ("a plugin", "repository(plugin):demo/app:pull", Remark::Unusable),
            ("nothing in it", " ", Remark::None),
        ] {
            let scope = scope("demo/app", proposed);
            assert_eq!(scope.as_str(), "repository:demo/app:pull", "{registry}");
            assert_eq!(*scope.remark(), remark, "{registry}");
        }
        assert_eq!(Scope::for_challenge("demo/app", None), Scope::pull("demo/app"));
    }

    /// A repository may have this name; then GHCR's placeholder is not a placeholder.
    #[test]
    fn placeholder_may_be_a_real_repository() {
        assert_eq!(*scope("user/image", "repository:user/image:pull").remark(), Remark::Same);
    }

    #[test]
    fn single_word_scope_is_repeated_if_it_is_safe() {
        let aws = scope("nginx/nginx", "aws");
        assert_eq!((aws.as_str(), aws.remark()), ("aws", &Remark::Opaque));
        for unsafe_word in ["a&b", "ä", "a\u{1b}b", &"a".repeat(65), "aws aws"] {
            let scope = scope("nginx/nginx", unsafe_word);
            assert_eq!((scope.as_str(), scope.remark()), ("repository:nginx/nginx:pull", &Remark::Unusable));
        }
    }

    #[test]
    fn words_of_a_proposal_are_quoted() {
        for other in ["granted", "verified/ok", "a/b.c", "public", "you/may-pull"] {
            let sentence = scope("demo/app", &format!("repository:{other}:pull")).remark().sentence();
            assert_eq!(sentence, Some(format!("The challenge names another repository: “{other}”.")));
        }
        let wider = scope("demo/app", "repository:demo/app:pull,granted,push").remark().sentence();
        let expected = "The challenge proposes more than pulling (“granted”, “push”), which was not requested.";
        assert_eq!(wider.as_deref(), Some(expected));
    }

    #[test]
    fn without_a_repository_only_the_catalog_or_a_word_is_requested() {
        let asked = |proposed: &str| Scope::without_repository(Some(&proposed.into())).map(|scope| scope.text);
        assert_eq!(asked("registry:catalog:*").as_deref(), Some("registry:catalog:*"));
        assert_eq!(asked("aws").as_deref(), Some("aws"));
        for not_asked in ["repository:user/image:pull", "repository:a/b:pull,push", "*", " ", "registry:catalog:* x"] {
            assert_eq!(asked(not_asked), None, "{not_asked}");
        }
        assert_eq!(Scope::without_repository(None), None);
    }

    proptest::proptest! {
        #[test]
        fn what_is_sent_is_the_repository_or_a_safe_word(proposed in "\\PC{0,80}|[a-z:/,* .]{0,80}") {
            let scope = scope("demo/app", &proposed);
            let safe = scope.as_str() == "repository:demo/app:pull"
                || !scope.as_str().is_empty()
                    && scope.as_str().bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
            proptest::prop_assert!(safe);
        }

        #[test]
        fn long_proposal_is_kept_within_bounds(count in 0usize..2000) {
            let proposed = format!("repository:demo/app:pull{}", ",push".repeat(count));
            if let Remark::Wider(extra) = scope("demo/app", &proposed).remark() {
                proptest::prop_assert!(extra.len() <= EXTRA_LIMIT);
            }
        }
    }
}
