//! The settings in an image config that say how the image is run, by type (image-spec, image configuration; moby,
//! HealthcheckConfig).

use std::time::Duration;

use serde_json::Value;

use crate::image::ImageConfig;
use crate::text::Untrusted;

/// How an image is run. Empty fields are missing or empty in the config.
#[derive(Debug, Default)]
pub(super) struct Settings {
    /// The platform in the config.
    pub platform: Option<Untrusted>,
    pub env: Vec<Variable>,
    pub labels: Vec<(String, String)>,
    pub entrypoint: Vec<String>,
    pub cmd: Vec<String>,
    /// The shell for commands in shell form, in Docker's configs only.
    pub shell: Vec<String>,
    pub working_dir: Option<String>,
    pub user: Option<String>,
    pub stop_signal: Option<String>,
    pub ports: Vec<String>,
    pub volumes: Vec<String>,
    pub health_check: Option<HealthCheck>,
    /// The number of instructions that a build with this image as its base runs.
    pub triggers: usize,
    /// The fields that have another type than clients expect.
    pub unread: Vec<&'static str>,
}

/// An entry of `Env`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Variable {
    pub name: String,
    /// The value; `None` for an entry without `=`.
    pub value: Option<String>,
}

/// How an engine checks whether a container is well.
#[derive(Debug, Default)]
pub(super) struct HealthCheck {
    /// `CMD` and words, `CMD-SHELL` and one text, `NONE`, or nothing.
    pub test: Vec<String>,
    pub interval: Option<Duration>,
    pub timeout: Option<Duration>,
    pub start_period: Option<Duration>,
    pub start_interval: Option<Duration>,
    pub retries: Option<u64>,
}

impl Settings {
    pub fn of(config: &ImageConfig) -> Self {
        let mut read = Reading { config, unread: Vec::new() };
        let platform = config.platform().map(|platform| platform.text());
        let settings = Self {
            platform,
            env: read.texts("Env").into_iter().map(Variable::of).collect(),
            labels: read.labels(),
            entrypoint: read.words("Entrypoint"),
            cmd: read.words("Cmd"),
            shell: read.words("Shell"),
            working_dir: read.text("WorkingDir"),
            user: read.text("User"),
            stop_signal: read.text("StopSignal"),
            ports: read.names("ExposedPorts"),
            volumes: read.names("Volumes"),
            health_check: read.health_check(),
            triggers: read.texts("OnBuild").len(),
            unread: Vec::new(),
        };
        Self { unread: read.unread, ..settings }
    }

    /// Whether a word of the command has a NUL, which no argument of a process can have.
    pub fn command_has_nul(&self) -> bool {
        self.entrypoint.iter().chain(&self.cmd).any(|word| word.contains('\0'))
    }
}

impl Variable {
    fn of(entry: String) -> Self {
        match entry.split_once('=') {
            Some((name, value)) => Self { name: name.to_owned(), value: Some(value.to_owned()) },
            None => Self { name: entry, value: None },
        }
    }
}

/// Reads fields, and notes those of an unexpected type.
struct Reading<'a> {
    config: &'a ImageConfig,
    unread: Vec<&'static str>,
}

impl Reading<'_> {
    fn field<T>(&mut self, name: &'static str, read: impl FnOnce(&Value) -> Option<T>) -> Option<T> {
        let value = self.config.running(name)?;
        let read = read(value);
        if read.is_none() {
            self.unread.push(name);
        }
        read
    }

    fn text(&mut self, name: &'static str) -> Option<String> {
        self.field(name, |value| value.as_str().map(str::to_owned))
    }

    fn texts(&mut self, name: &'static str) -> Vec<String> {
        self.field(name, texts).unwrap_or_default()
    }

    /// A list of words. Docker once accepted a text for a list of one (moby, strslice).
    fn words(&mut self, name: &'static str) -> Vec<String> {
        let read = |value: &Value| match value {
            Value::String(word) => Some(vec![word.clone()]),
            list => texts(list),
        };
        self.field(name, read).unwrap_or_default()
    }

    /// The names in a set, which is an object with empty values.
    fn names(&mut self, name: &'static str) -> Vec<String> {
        let read = |value: &Value| value.as_object().map(|set| set.keys().cloned().collect());
        self.field(name, read).unwrap_or_default()
    }

    fn labels(&mut self) -> Vec<(String, String)> {
        let pair = |(name, value): (&String, &Value)| Some((name.clone(), value.as_str()?.to_owned()));
        let read = |value: &Value| value.as_object()?.iter().map(pair).collect();
        self.field("Labels", read).unwrap_or_default()
    }

    fn health_check(&mut self) -> Option<HealthCheck> {
        self.field("Healthcheck", |value| {
            let fields = value.as_object()?;
            // Go leaves a field that is null as it is.
            let field = |name: &str| fields.get(name).filter(|value| !value.is_null());
            let number = |name: &str| field(name).map_or(Some(0), Value::as_u64);
            let span = |name: &str| number(name).map(|span| (span > 0).then(|| Duration::from_nanos(span)));
            Some(HealthCheck {
                test: field("Test").map_or_else(|| Some(Vec::new()), texts)?,
                interval: span("Interval")?,
                timeout: span("Timeout")?,
                start_period: span("StartPeriod")?,
                start_interval: span("StartInterval")?,
                retries: number("Retries").map(|retries| Some(retries).filter(|&retries| retries > 0))?,
            })
        })
    }
}

fn texts(value: &Value) -> Option<Vec<String>> {
    value.as_array()?.iter().map(|text| text.as_str().map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(json: &str) -> Settings {
        Settings::of(&ImageConfig::read(json.as_bytes()).unwrap())
    }

    #[test]
    fn fields_are_read_by_their_types() {
        // From the example of the image specification, with a health check as Docker stores it.
        let read = settings(
            r#"{"os":"linux","architecture":"amd64","config":{"User":"alice","ExposedPorts":{"8080/tcp":{}},
                "Env":["PATH=/usr/bin","A==b","C"],"Entrypoint":"/bin/app","Volumes":{"/var/job":{}},
                "Healthcheck":{"Test":["CMD","true"],"Interval":30000000000,"Retries":3,"Timeout":null},
                "OnBuild":["RUN a","COPY . ."]}}"#,
        );
        let variable =
            |name: &str, value: Option<&str>| Variable { name: name.to_owned(), value: value.map(str::to_owned) };
        assert_eq!(read.env, [variable("PATH", Some("/usr/bin")), variable("A", Some("=b")), variable("C", None)]);
        assert_eq!((read.entrypoint, read.ports), (vec!["/bin/app".to_owned()], vec!["8080/tcp".to_owned()]));
        assert_eq!(
            (read.volumes, read.user.as_deref(), read.triggers),
            (vec!["/var/job".to_owned()], Some("alice"), 2)
        );
        assert_eq!(read.platform.unwrap().as_str(), "linux/amd64");
        // A span that is null is one that is missing, as in Go.
        let check = read.health_check.unwrap();
        assert_eq!((check.interval, check.timeout, check.retries), (Some(Duration::from_secs(30)), None, Some(3)));
    }

    #[test]
    fn field_of_another_type_is_named() {
        let read = settings(
            r#"{"config":{"Env":"A=1","Labels":{"a":1},"Cmd":["a",2],"User":7,"Healthcheck":{"Interval":-1}}}"#,
        );
        assert_eq!(read.unread, ["Env", "Labels", "Cmd", "User", "Healthcheck"]);
        assert!(read.env.is_empty() && read.labels.is_empty() && read.cmd.is_empty() && read.user.is_none());
    }
}
