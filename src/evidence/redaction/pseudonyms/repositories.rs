//! Replaces names of repositories on non-public hosts: they may be those of products, customers or teams.

use super::{Pseudonyms, SHORTEST_NAME, label};

impl Pseudonyms {
    /// Keeps names of repositories.
    #[must_use]
    pub fn keeping_repositories(self, keeps_repositories: bool) -> Self {
        Self { keeps_repositories, ..self }
    }

    /// Hides an additional repository, which is on a non-public host: its name may be that of a product or a team.
    pub fn hide_repository(&mut self, name: &str) {
        let is_known = self.repositories.iter().any(|known| known == name);
        if name.len() >= SHORTEST_NAME && !self.keeps_repositories && !is_known {
            self.repositories.push(name.to_owned());
            self.repositories.sort_by_key(|name| std::cmp::Reverse(name.len()));
        }
    }

    /// Replaces the known repositories where no letter or digit precedes or follows them.
    pub(super) fn without_repositories(&mut self, mut text: String) -> String {
        for name in self.repositories.clone() {
            let goes_on = |character: char| character.is_ascii_alphanumeric() || matches!(character, '_' | '-' | '.');
            let is_whole = |at: usize| {
                let (before, after) = (&text[..at], &text[at + name.len()..]);
                let ends = after.trim_end_matches(['.', '-', '_']).is_empty() || !after.starts_with(goes_on);
                !before.ends_with(goes_on) && (ends || after.starts_with(". ") || after.starts_with(".\n"))
            };
            let places: Vec<_> = text.match_indices(&name).map(|(at, _)| at).filter(|at| is_whole(*at)).collect();
            if places.is_empty() {
                continue;
            }
            let label = label(&mut self.repositories_seen, "REPOSITORY", &name);
            for at in places.into_iter().rev() {
                text.replace_range(at..at + name.len(), &label);
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn public(keeps: bool) -> Pseudonyms {
        let mut public = Pseudonyms::default().keeping_repositories(keeps);
        public.hide_repository("acme/api");
        public.hide_repository("acme/api/web");
        public
    }

    #[test]
    fn repository_has_one_label_wherever_it_comes_up() {
        for (text, expected) in [
            ("r.test/acme/api:1.0", "r.test/REPOSITORY1:1.0"),
            ("GET https://r.test/v2/acme/api/manifests/1.0", "GET https://r.test/v2/REPOSITORY1/manifests/1.0"),
            ("scope repository:acme/api:pull", "scope repository:REPOSITORY1:pull"),
            ("acme/api/web and acme/api", "REPOSITORY1 and REPOSITORY2"),
            ("There is no acme/api.", "There is no REPOSITORY1."),
            // Other names.
            (
                "big-acme/api acme/api2 acme/api-tools acme/api.old",
                "big-acme/api acme/api2 acme/api-tools acme/api.old",
            ),
        ] {
            assert_eq!(public(false).without_repositories(text.to_owned()), expected);
        }
    }

    #[test]
    fn repository_is_kept_where_names_are_to_be_kept() {
        let text = "r.test/acme/api:1.0";
        assert_eq!(public(true).without_repositories(text.to_owned()), text);
    }

    /// `app` occurs in many words.
    #[test]
    fn short_name_is_found_as_a_whole_word_alone() {
        let mut public = Pseudonyms::default();
        public.hide_repository("app");
        let text = "application/json of r.test/app:1 in /app/ and my-app";
        let expected = "application/json of r.test/REPOSITORY1:1 in /REPOSITORY1/ and my-app";
        assert_eq!(public.without_repositories(text.to_owned()), expected);
    }
}
