//! A page as a browser reads it: with the parser of one, and then what of it could act or load something.

use std::collections::HashSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use scraper::{ElementRef, Html, Node, Selector};
use sha2::{Digest, Sha256};

/// The elements of our pages: none of them loads, runs or sends anything.
const ELEMENTS: [&str; 43] = [
    "a", "article", "b", "body", "circle", "code", "dd", "details", "div", "dl", "dt", "h1", "h2", "h3", "head",
    "html", "li", "main", "meta", "p", "path", "pre", "rect", "section", "span", "style", "summary", "svg", "table",
    "tbody", "td", "text", "th", "thead", "title", "tr", "tspan", "ul", "header", "footer", "nav", "figure", "line",
];

/// Attributes whose values are names, numbers and words of ours; `href`, `id` and `content` are looked at.
const ATTRIBUTES: [&str; 22] = [
    "aria-hidden",
    "aria-label",
    "class",
    "colspan",
    "cx",
    "cy",
    "d",
    "dx",
    "height",
    "lang",
    "name",
    "overflow",
    "r",
    "role",
    "text-anchor",
    "width",
    "x",
    "y",
    "href",
    "id",
    "content",
    "charset",
];

/// A page that was parsed.
pub struct Page {
    html: Html,
    source: String,
}

impl Page {
    /// Parses a page and checks what holds of every one: it is valid, has our policy, and nothing in it acts or leads
    /// elsewhere.
    #[track_caller]
    pub fn of(source: &str) -> Self {
        let page = Self { html: Html::parse_document(source), source: source.to_owned() };
        let faults = page.faults();
        assert!(faults.is_empty(), "{faults:#?} in:\n{source}");
        page
    }

    /// Everything that keeps a page from being one of ours.
    pub fn faults(&self) -> Vec<String> {
        let mut found: Vec<String> = self.html.errors.iter().map(|error| format!("not valid: {error}")).collect();
        found.extend(
            (!self.source.starts_with("<!DOCTYPE html>\n<html ")).then(|| "it does not begin as one".to_owned()),
        );
        found.extend((self.source.matches("<!DOCTYPE").count() != 1).then(|| "it is not one page".to_owned()));
        let mut names = HashSet::new();
        for node in self.html.tree.nodes() {
            match node.value() {
                Node::Comment(comment) => found.push(format!("a comment: {}", &**comment)),
                Node::ProcessingInstruction(_) => found.push("an instruction".to_owned()),
                Node::Element(element) => {
                    found.extend((!ELEMENTS.contains(&element.name())).then(|| format!("<{}>", element.name())));
                    for (name, value) in element.attrs() {
                        match name {
                            "http-equiv" if value == "Content-Security-Policy" => {}
                            "id" if !names.insert(value.to_owned()) => found.push(format!("{value} is there twice")),
                            "href" if !value.starts_with('#') => found.push(format!("a link to {value}")),
                            "href" if element.name() != "a" => found.push(format!("a link of <{}>", element.name())),
                            _ if !ATTRIBUTES.contains(&name) => found.push(format!("{name}={value}")),
                            _ => {}
                        }
                    }
                }
                _ => {}
            }
        }
        let targets = self.attributes("a", "href");
        found.extend(targets.iter().filter(|one| !names.contains(&one[1..])).map(|one| format!("nothing is at {one}")));
        found.extend(self.policy_fault());
        found
    }

    /// What is wrong with the policy, or with the style that it allows.
    fn policy_fault(&self) -> Option<String> {
        let styles = self.text_of("style");
        let [style] = &styles[..] else { return Some(format!("{} styles", styles.len())) };
        let hash = STANDARD.encode(Sha256::digest(style.as_bytes()));
        let wanted = format!("default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'");
        let policies = self.attributes("meta[http-equiv]", "content");
        let is_first = self.source.find("http-equiv") < self.source.find("<style>");
        let has_address = ["url(", "@import", "http:", "https:", "//"].iter().any(|word| style.contains(word));
        let is_wrong = policies != [wanted] || !is_first || has_address;
        is_wrong.then(|| format!("the policies are {policies:?}"))
    }

    fn elements(&self, selector: &str) -> Vec<ElementRef<'_>> {
        self.html.select(&Selector::parse(selector).expect("a selector")).collect()
    }

    /// An attribute of the elements that fit.
    pub fn attributes(&self, selector: &str, name: &str) -> Vec<String> {
        self.elements(selector).iter().filter_map(|one| one.value().attr(name)).map(str::to_owned).collect()
    }

    /// The texts of the elements that fit.
    pub fn text_of(&self, selector: &str) -> Vec<String> {
        self.elements(selector).iter().map(|one| one.text().collect()).collect()
    }

    /// How many elements fit.
    pub fn count(&self, selector: &str) -> usize {
        self.elements(selector).len()
    }

    /// Texts in which the number of an exchange is not a link, outside of what others have said, of the exchange itself, and of
    /// cells and code.
    pub fn numbers_without_a_link(&self) -> Vec<String> {
        let is_apart = |one: ElementRef<'_>| {
            ["a", "pre", "summary", "td", "title", "style", "code"].contains(&one.value().name())
                || one.value().classes().any(|class| ["said", "request"].contains(&class))
        };
        let has_number = |text: &str| {
            text.match_indices('#').any(|(at, _)| text[at + 1..].starts_with(|next: char| next.is_ascii_digit()))
        };
        let texts = self.html.tree.nodes().filter_map(|node| Some((node.value().as_text()?, node)));
        let named = texts.filter(|(text, _)| has_number(text));
        let own = named.filter(|(_, node)| !node.ancestors().filter_map(ElementRef::wrap).any(is_apart));
        own.map(|(text, _)| text.to_string()).collect()
    }

    /// Everything that is read.
    pub fn text(&self) -> String {
        self.text_of("body").concat()
    }
}

/// A page that is one of ours. The hash is that of no bytes (FIPS 180-4).
const PAGE: &str = "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta http-equiv=\"Content-Security-Policy\" \
    content=\"default-src 'none'; style-src 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='; base-uri 'none'; \
    form-action 'none'\"><title>x</title><style></style></head><body><p>x</p></body></html>";

#[test]
fn what_could_act_or_lead_elsewhere_is_found() {
    let faults = |source: String| Page { html: Html::parse_document(&source), source }.faults();
    assert_eq!(faults(PAGE.to_owned()), [""; 0]);
    for hostile in [
        "<script>1</script>",
        "<img src=x>",
        "<p onclick=1>x</p>",
        "<p style=\"color: red\">x</p>",
        "<a href=\"https://evil.test\">x</a>",
        "<a href=\"javascript:1\">x</a>",
        "<a href=\"#gone\">x</a>",
        "<svg><a xlink:href=\"https://evil.test\">x</a></svg>",
        "<svg><image href=\"#x\"/></svg>",
        "<svg><style>x</style></svg>",
        "<p id=\"x\">x</p><p id=\"x\">x</p>",
        "<!-- x -->",
        "<p>x</p></div>",
        "<iframe srcdoc=x></iframe>",
        "<form action=x></form>",
        "<base href=x>",
        "<meta http-equiv=refresh content=\"0;url=https://evil.test\">",
        "<link rel=stylesheet href=x>",
        "<custom-element></custom-element>",
        "<!DOCTYPE html><html></html>",
    ] {
        let found = faults(PAGE.replace("<p>x</p>", hostile));
        assert!(!found.is_empty(), "{hostile}");
    }
    for (one, other) in [("'none'", "*"), ("<style></style>", "<style>p {}</style>"), ("<style></style>", "")] {
        assert!(!faults(PAGE.replace(one, other)).is_empty(), "{one} → {other}");
    }
}
