//! The JSON report, read by its contract only.

use serde_json::Value;

use super::ociscope::Run;

/// A report that keeps what the contract says of every report.
pub struct Report(pub Value);

impl Report {
    /// Reads the report of a run and checks what holds whatever was found.
    #[track_caller]
    pub fn of(run: &Run) -> Self {
        let report = run.json();
        assert_eq!(report["schema"], "ociscope.report/1");
        assert_eq!(report["tool"]["name"], "ociscope");
        assert_eq!(report["tool"]["version"], env!("CARGO_PKG_VERSION"));
        assert_eq!(report["exit_code"], run.status, "the report and the process say the same: {run:?}");

        let verdict = report["verdict"].as_str().expect("a verdict");
        let expected: &[&str] = if run.status == 0 { &["ok", "warning"] } else { &["error", "unknown"] };
        assert!(expected.contains(&verdict), "verdict {verdict:?} with exit status {}", run.status);

        let severities: Vec<_> =
            report["findings"].as_array().expect("findings").iter().map(|f| &f["severity"]).collect();
        if run.status == 0 {
            assert!(severities.iter().all(|severity| *severity != "error"), "what can be pulled has no error: {run:?}");
        } else {
            assert_eq!(severities.first().copied(), Some(&Value::from("error")), "the cause comes first: {run:?}");
        }

        let report = Self(report);
        for finding in report.list("findings") {
            for evidence in finding["evidence"].as_array().expect("evidence") {
                report.exchange(&evidence["exchange"]);
            }
        }
        for probe in report.list("probes") {
            if !probe["status"].is_null() {
                let exchange = report.exchange(&probe["exchange"]);
                assert_eq!(exchange["response"]["status"], probe["status"], "the probe quotes its exchange: {probe}");
            }
        }
        for redaction in report.list("redactions") {
            assert!(redaction["what"].is_string() && redaction["count"].is_u64(), "{redaction}");
        }
        report
    }

    /// A list of the report.
    #[track_caller]
    pub fn list(&self, name: &str) -> &[Value] {
        self.0[name].as_array().unwrap_or_else(|| panic!("{name} is no list in {}", self.0))
    }

    /// The probe of this id.
    #[track_caller]
    pub fn probe(&self, id: &str) -> &Value {
        let found = self.list("probes").iter().find(|probe| probe["id"] == id);
        found.unwrap_or_else(|| panic!("no probe {id} in {}", self.0))
    }

    /// The exchange of this id.
    #[track_caller]
    pub fn exchange(&self, id: &Value) -> &Value {
        let found = self.list("exchanges").iter().find(|exchange| exchange["id"] == *id);
        found.unwrap_or_else(|| panic!("no exchange {id} in {}", self.0))
    }

    /// The requests whose URL starts like this.
    pub fn requests_to(&self, start: &str) -> Vec<&Value> {
        let requests = self.list("exchanges").iter().map(|exchange| &exchange["request"]);
        requests.filter(|request| request["url"].as_str().is_some_and(|url| url.starts_with(start))).collect()
    }

    /// How many requests carried an `Authorization` header, whatever the report shows of its value.
    pub fn authorized_requests(&self) -> usize {
        let authorized = |exchange: &&Value| {
            let headers = exchange["request"]["headers"].as_array().expect("headers");
            headers.iter().any(|header| header[0].as_str().expect("a name").eq_ignore_ascii_case("authorization"))
        };
        self.list("exchanges").iter().filter(authorized).count()
    }
}
