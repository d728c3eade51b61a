//! The proxy of a request, and why it was chosen.
//!
//! The HTTP library reads the environment itself and, if a variable is not a URL, silently connects directly. Here the
//! same matcher decides, but the choice is recorded, and an invalid variable is a failure of the request.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper_util::client::proxy::matcher::Matcher;
use percent_encoding::percent_decode_str;
use url::Url;

use crate::evidence::ProxyChoice;

/// The proxies of the environment.
pub(crate) struct Proxies {
    matcher: Matcher,
    variables: Vec<(&'static str, String)>,
}

/// A proxy or none; or a message that names the invalid variable.
pub(crate) type ProxyDecision = Result<Option<(ProxyChoice, ProxyRoute)>, String>;

/// The address of a proxy, and the credentials it requires.
#[derive(Clone)]
pub(crate) struct ProxyRoute {
    pub address: http::Uri,
    pub credentials: Option<http::HeaderValue>,
}

impl ProxyRoute {
    /// Whether the proxy is reached over plain HTTP: the other kinds are left to the HTTP library.
    pub(crate) fn is_plain_http(&self) -> bool {
        self.address.scheme_str() == Some("http")
    }
}

/// The variables, in the matcher's order of preference. `HTTP_PROXY` is not read if a web server may have set it from a
/// request header (`REQUEST_METHOD`, CVE-2016-5385).
const VARIABLES: [&str; 6] = ["https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"];

impl Proxies {
    pub(crate) fn from_environment() -> Self {
        let variables = VARIABLES.into_iter().filter_map(|name| Some((name, std::env::var(name).ok()?)));
        let variables = variables.filter(|(_, value)| !value.trim().is_empty()).collect();
        Self { matcher: Matcher::from_system(), variables }
    }

    /// No proxies, regardless of the environment.
    pub(crate) fn none() -> Self {
        Self { matcher: Matcher::builder().build(), variables: Vec::new() }
    }

    /// The proxy for a URL. `Err` names the invalid variable, never its value, which may contain a password.
    pub(crate) fn choose(&self, url: &Url) -> ProxyDecision {
        let wanted = if url.scheme() == "https" { "https_proxy" } else { "http_proxy" };
        let concerning = || {
            let names =
                |wanted: &'static str| self.variables.iter().find(move |(name, _)| name.eq_ignore_ascii_case(wanted));
            names(wanted).or_else(|| names("all_proxy"))
        };
        if let Some((name, value)) = concerning()
            && !is_proxy_address(value)
        {
            return Err(format!("{name} is not the address of a proxy; write http://HOST:PORT or unset it"));
        }
        let Ok(uri) = url.as_str().parse::<http::Uri>() else { return Ok(None) };
        let Some(proxy) = self.matcher.intercept(&uri) else { return Ok(None) };
        let address = proxy.uri();
        let shown = format!(
            "{}://{}{}",
            address.scheme_str().unwrap_or("http"),
            address.host().unwrap_or_default(),
            address.port_u16().map(|port| format!(":{port}")).unwrap_or_default()
        );
        let because = concerning().map_or("system settings", |(name, _)| *name);
        let route = ProxyRoute { address: address.clone(), credentials: proxy.basic_auth().cloned() };
        Ok(Some((ProxyChoice { address: shown, because: because.into() }, route)))
    }

    /// The credentials of the proxies, which must not appear anywhere: each password as written in the variable,
    /// decoded, and as sent together with the user name.
    pub(crate) fn passwords(&self) -> Vec<String> {
        let mut passwords = Vec::new();
        for url in self.variables.iter().filter_map(|(_, value)| proxy_address(value)) {
            let Some(password) = url.password() else { continue };
            let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
            let both = format!("{}:{}", decoded(url.username()), decoded(password));
            passwords.extend([password.to_owned(), decoded(password), STANDARD.encode(&both), both]);
        }
        passwords
    }
}

/// A value as a URL; without a scheme it means `http`.
fn proxy_address(value: &str) -> Option<Url> {
    let value = value.trim();
    let with_scheme = if value.contains("://") { value.to_owned() } else { format!("http://{value}") };
    Url::parse(&with_scheme).ok()
}

fn is_proxy_address(value: &str) -> bool {
    proxy_address(value).is_some_and(|url| {
        matches!(url.scheme(), "http" | "https" | "socks4" | "socks4a" | "socks5" | "socks5h")
            && url.host_str().is_some_and(|host| !host.is_empty())
    })
}

#[cfg(test)]
mod tests {
    use super::{Proxies, is_proxy_address};

    #[test]
    fn a_password_is_meant_without_percent_signs() {
        for (written, meant) in [("a%2Bb%2fc%", "a+b/c%"), ("%zz%4", "%zz%4"), ("%+1a", "%+1a"), ("p%C3%A4", "pä")] {
            let variables = vec![("http_proxy", format!("http://user:{written}@p.test:3128"))];
            let passwords = Proxies { variables, ..Proxies::none() }.passwords();
            assert!(passwords.iter().any(|password| password == meant), "{written}: {passwords:?}");
        }
    }

    #[test]
    fn a_proxy_has_a_host_and_a_port_that_exists() {
        for good in ["http://p.test:3128", "p.test:3128", "socks5h://user:pw@p.test:1080", "http://[::1]:3128/"] {
            assert!(is_proxy_address(good), "{good}");
        }
        for bad in ["::::bad", "http://p.test:99999", "http://", "ftp://p.test", "http://u:pa ss@p test:1"] {
            assert!(!is_proxy_address(bad), "{bad}");
        }
    }
}
