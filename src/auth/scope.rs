//! What a token is asked for.
//!
//! The scope of a token request (distribution token specification, "Token Scope Documentation") is made for the
//! repository that the user named. The challenge proposes one too, and most clients repeat it unread; but GHCR answers
//! `/v2/` with a placeholder, and a registry that proposes `push` must not get a token for it out of somebody who only
//! reads. So the proposal is compared, and what differs is told, but it is not followed.

use crate::text::Untrusted;

/// The scopes that stand for no repository. GHCR sends its placeholder with the 401 of `/v2/`, where it cannot know
/// which repository is meant; a token for it is refused everywhere.
const PLACEHOLDERS: [&str; 1] = ["repository:user/image:pull"];

/// How long a scope without parts may be to be repeated.
const OPAQUE_LIMIT: usize = 64;

/// The scope for listing the repositories of a registry (CNCF distribution). It knows no action but `*`.
const CATALOGUE: &str = "registry:catalog:*";

/// How many of the further entries of a proposed scope are kept.
const EXTRA_LIMIT: usize = 16;

/// The scope to ask a token for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Scope {
    text: String,
    remark: Remark,
}

/// How the scope that the challenge proposed differs from the one that is asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Remark {
    /// The challenge proposed none, as `/v2/` of most registries, or there was no challenge.
    None,
    /// It proposed the same.
    Same,
    /// It proposed a placeholder that names no repository.
    Placeholder,
    /// It proposed this repository and more: further actions (`push`), or further whole scopes. They are listed, at
    /// most 16, and not asked for.
    Wider(Vec<Untrusted>),
    /// It proposed another repository, which is named. Mirrors and path-mapping proxies do so.
    OtherRepository(Untrusted),
    /// It proposed one word without parts, as ECR Public's `aws`. This one is repeated as it stands.
    Opaque,
    /// It proposed something that does not let anyone pull from a repository, such as `registry:catalog:*` or
    /// Gitea's `*`.
    Unusable,
}

impl Remark {
    /// What there is to say about the proposal, in a sentence; `None` where it is what everybody would ask for.
    pub fn sentence(&self) -> Option<String> {
        match self {
            Self::None | Self::Same => None,
            Self::Placeholder => Some(
                "The challenge names a placeholder for a repository; the scope was built for the right one.".to_owned(),
            ),
            Self::Wider(more) => {
                let more: Vec<_> = more.iter().map(|part| part.quoted_within(60)).collect();
                Some(format!(
                    "The challenge proposes more than reading ({}), which was not asked for.",
                    more.join(", ")
                ))
            }
            Self::OtherRepository(other) => {
                Some(format!("The challenge names another repository: {}.", other.quoted_within(120)))
            }
            Self::Opaque => Some("The scope of this registry is one word for everything.".to_owned()),
            Self::Unusable => {
                Some("The scope of the challenge cannot be used; one was built for the repository.".to_owned())
            }
        }
    }
}

impl Scope {
    /// The scope to pull from a repository.
    ///
    /// The name is taken as it is; whoever puts the scope into a URL encodes it there.
    pub fn pull(repository: &str) -> Self {
        Self { text: format!("repository:{repository}:pull"), remark: Remark::None }
    }

    /// The scope to pull from a repository, after a challenge that may have proposed one.
    ///
    /// Only a word of `[A-Za-z0-9._-]`, at most 64 of them, is taken from the challenge: a registry that uses such a
    /// constant does not know scopes by repository.
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

    /// The scope of a challenge to a request that is about no repository: that of the catalogue, or a word without
    /// parts. Everything else would be for a repository that nobody named, or for more than reading, and is not asked
    /// for; then a token is asked for without any scope.
    pub fn without_repository(challenge_scope: Option<&Untrusted>) -> Option<Self> {
        let proposed = challenge_scope.map(|scope| scope.as_str().trim()).filter(|scope| !scope.is_empty())?;
        let remark = if proposed == CATALOGUE { Remark::Same } else { Remark::Opaque };
        let may_be_repeated = remark == Remark::Same || is_opaque(proposed);
        may_be_repeated.then(|| Self { text: proposed.to_owned(), remark })
    }

    /// The scope as it is sent. Made of the repository that was asked for, or of a word that is safe to print.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// How it differs from the one that the challenge proposed.
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

/// The name and the actions of `repository:NAME:ACTIONS`. A name may begin with a host and its port, so the actions
/// are what is behind the last colon.
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
    fn a_scope_is_made_for_the_repository_that_was_asked_for() {
        let words = |words: &[&str]| Remark::Wider(words.iter().map(|word| Untrusted::from(*word)).collect());
        for (registry, proposed, remark) in [
            ("CNCF distribution", "repository:demo/app:pull", Remark::Same),
            ("the same in several words", "repository:demo/app:pull,pull", Remark::Same),
            ("GHCR, /v2/", "repository:user/image:pull", Remark::Placeholder),
            ("CNCF distribution, upload", "repository:demo/app:push,pull", words(&["push"])),
            ("asking for everything", "repository:demo/app:pull,push,delete,*", words(&["push", "delete", "*"])),
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

    /// A repository may be called so; then GHCR's placeholder is no placeholder.
    #[test]
    fn the_placeholder_may_be_meant() {
        assert_eq!(*scope("user/image", "repository:user/image:pull").remark(), Remark::Same);
    }

    #[test]
    fn a_word_without_parts_is_repeated_if_it_is_a_safe_one() {
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
        let expected = "The challenge proposes more than reading (“granted”, “push”), which was not asked for.";
        assert_eq!(wider.as_deref(), Some(expected));
    }

    #[test]
    fn without_a_repository_only_the_catalogue_or_a_word_is_asked_for() {
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
        fn what_is_kept_of_a_long_proposal_is_bounded(count in 0usize..2000) {
            let proposed = format!("repository:demo/app:pull{}", ",push".repeat(count));
            if let Remark::Wider(extra) = scope("demo/app", &proposed).remark() {
                proptest::prop_assert!(extra.len() <= EXTRA_LIMIT);
            }
        }
    }
}
