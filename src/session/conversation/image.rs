//! Resolves a reference to the image for the selected platform, through nested indexes, and on to its config. If that
//! ends early, the exchanges so far are there for the rules to judge.

use super::Conversation;
use crate::diagnosis::content::{Image, chosen};
use crate::diagnosis::{ExitStatus, Judgement, Severity};
use crate::evidence::{Body, Exchange, ExchangeId, Method, Query};
use crate::image::{Descriptor, ImageConfig, Manifest, Schema1, Shape};
use crate::oci::{Digest, Platform};
use crate::session::SessionError;

/// The maximum nesting of indexes. An index in another one is rare, but allowed (image-spec, image index).
const DEEPEST: usize = 4;

/// Why there is no image to show, in words for cases without a finding.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Obstacle {
    /// The content was not served; the answer says why.
    #[error("the registry does not serve the contents of the image")]
    Refused,
    /// The content has another digest than the one that it was requested by.
    #[error("the received bytes do not match the digest {0}")]
    OtherBytes(Digest),
    /// The index has nothing for the platform.
    #[error("it has no image for {0}")]
    NoPlatform(Platform),
    /// An entry has no digest, or one that cannot be verified.
    #[error("it refers to content by a digest that cannot be requested")]
    NoDigest,
    /// A Docker schema 1 manifest, whose config is in its history.
    #[error(
        "it is a Docker schema 1 manifest, and the config in its history cannot be read; `ociscope manifest` shows it"
    )]
    Schema1,
    /// An artifact that is stored in the form of an image.
    #[error("it is not an image, although it is stored in the form of one")]
    Artifact,
    /// Not the expected document.
    #[error("the answer is not {0}")]
    NotReadable(&'static str),
    /// Nested indexes, deeper than the limit.
    #[error("it is an index of indexes, {DEEPEST} deep and more")]
    TooDeep,
}

/// Where the search for an image ended.
#[derive(Debug, Clone)]
pub struct Stopped {
    /// The answer to the reference itself.
    pub root: ExchangeId,
    /// The last answer.
    pub at: ExchangeId,
    /// The reason.
    pub obstacle: Obstacle,
}

impl Conversation<'_> {
    /// Sends a query, like [`Conversation::ask`], and returns the final exchange only.
    ///
    /// # Errors
    /// Fails if the reference does not form a valid address.
    pub async fn answer(&mut self, query: &Query) -> Result<ExchangeId, SessionError> {
        Ok(last_of(&self.ask(query).await?))
    }

    /// Sends a query, keeps its answer for the rules, and returns the final exchange only.
    pub(super) async fn inquire(&mut self, query: Query) -> Result<ExchangeId, SessionError> {
        let exchanges = self.ask(&query).await?;
        let last = last_of(&exchanges);
        self.dialogue.keep_answer(query, exchanges);
        Ok(last)
    }

    /// Fetches the manifest of the image for the selected platform.
    ///
    /// # Errors
    /// Fails if the reference does not form a valid address. Failures of the registry are results.
    pub(crate) async fn image(&mut self) -> Result<Result<Image, Stopped>, SessionError> {
        let root = self.answer(&Query::manifest(Method::Get, &[])).await?;
        self.image_of(root).await
    }

    /// Continues [`Conversation::image`] from an answer to the reference that is already there.
    ///
    /// # Errors
    /// See there.
    pub(crate) async fn image_of(&mut self, root: ExchangeId) -> Result<Result<Image, Stopped>, SessionError> {
        self.root = Some(root);
        let mut shown = root;
        let mut entry = None;
        let mut named = self.reference().digest().cloned();
        for _ in 0..DEEPEST {
            let next = match self.child(shown, named.as_ref()) {
                Ok(Next::Image(document)) => {
                    let image = Image { shown, document, entry };
                    let is_image = image.is_for_engines();
                    return Ok(is_image.then_some(image).ok_or(Stopped {
                        root,
                        at: shown,
                        obstacle: Obstacle::Artifact,
                    }));
                }
                Ok(Next::Entry(next, digest)) => (next, digest),
                Err(obstacle) => return Ok(Err(Stopped { root, at: shown, obstacle })),
            };
            shown = self.inquire(Query::Child(next.1.clone(), Method::Get)).await?;
            (entry, named) = (Some(*next.0), Some(next.1));
        }
        Ok(Err(Stopped { root, at: shown, obstacle: Obstacle::TooDeep }))
    }

    /// Fetches the config of an image that [`Conversation::image`] has found.
    ///
    /// # Errors
    /// Fails if the reference does not form a valid address.
    pub(crate) async fn config(
        &mut self,
        image: &Image,
    ) -> Result<Result<(ExchangeId, Digest, ImageConfig), Stopped>, SessionError> {
        let root = self.root.unwrap_or(image.shown);
        let stopped = |at, obstacle| Ok(Err(Stopped { root, at, obstacle }));
        let named = image.document.config().and_then(|config| config.digest.as_str().parse().ok());
        let Some(digest): Option<Digest> = named else { return stopped(image.shown, Obstacle::NoDigest) };
        let at = self.inquire(Query::Config(digest.clone())).await?;
        match whole(self.journal().get(at)) {
            None => stopped(at, Obstacle::Refused),
            Some(body) if !body.has(&digest) => stopped(at, Obstacle::OtherBytes(digest)),
            Some(body) => match ImageConfig::read(&body.bytes) {
                Some(config) => Ok(Ok((at, digest, config))),
                None => stopped(at, Obstacle::NotReadable("an image config")),
            },
        }
    }

    /// The manifest, if the search ended at a schema 1 manifest, which contains its config. `None` in all other cases,
    /// and if it cannot be read.
    pub(crate) fn schema1(&self, stopped: &Stopped) -> Option<Schema1> {
        let is_schema1 = stopped.obstacle == Obstacle::Schema1;
        let observation = self.journal().observation(stopped.at).filter(|_| is_schema1)?;
        Schema1::read(observation.document.as_ref()?)
    }

    /// The rules' judgement on where the search ended: on the reference with all queries about it, and if they find
    /// nothing wrong, on the last answer alone.
    pub fn judge_stop(&self, stopped: &Stopped) -> Judgement {
        let judgement = self.judge(stopped.root, &[]);
        let has_error = judgement.findings.iter().any(|finding| finding.severity == Severity::Error);
        let status = self.journal().get(stopped.at).status();
        if has_error || stopped.at == stopped.root || matches!(status, Some(200..=299 | 404 | 410)) {
            return judgement;
        }
        self.judged_alone(stopped.at)
    }

    /// The exit status for where the search ended, if no rule determines one.
    pub fn exit_status(&self, stopped: &Stopped) -> ExitStatus {
        match stopped.obstacle {
            Obstacle::Refused => match self.journal().get(stopped.at).status() {
                Some(404 | 410) => ExitStatus::Integrity,
                _ => ExitStatus::ServerFailed,
            },
            Obstacle::OtherBytes(_) | Obstacle::NoDigest => ExitStatus::Integrity,
            Obstacle::NoPlatform(_) | Obstacle::Schema1 | Obstacle::Artifact | Obstacle::NotReadable(_) => {
                ExitStatus::Content
            }
            Obstacle::TooDeep => ExitStatus::Content,
        }
    }

    /// The next step after an answer.
    fn child(&self, shown: ExchangeId, named: Option<&Digest>) -> Result<Next, Obstacle> {
        let body = whole(self.journal().get(shown)).ok_or(Obstacle::Refused)?;
        let observation = self.journal().observation(shown).ok_or(Obstacle::Refused)?;
        if observation.is_schema1() {
            return Err(Obstacle::Schema1);
        }
        if let Some(digest) = named.filter(|digest| !body.has(digest)) {
            return Err(Obstacle::OtherBytes(digest.clone()));
        }
        let document = observation.document.clone().ok_or(Obstacle::NotReadable("a manifest"))?;
        if !observation.is_index() {
            let is_manifest = document.shape() == Shape::Manifest;
            return if is_manifest { Ok(Next::Image(document)) } else { Err(Obstacle::NotReadable("a manifest")) };
        }
        let platform = self.session.platform();
        let entries = document.manifests();
        let entry = chosen(&entries, platform).ok_or_else(|| Obstacle::NoPlatform(platform.clone()))?;
        let digest = entry.digest.as_str().parse().map_err(|_| Obstacle::NoDigest)?;
        Ok(Next::Entry(Box::new(entry.clone()), digest))
    }
}

fn last_of(exchanges: &[ExchangeId]) -> ExchangeId {
    *exchanges.last().expect("`ask` fails if there is none")
}

/// The next step after a document.
enum Next {
    /// It is the manifest of an image.
    Image(Manifest),
    /// It is an index, and this is the entry that a client selects.
    Entry(Box<Descriptor>, Digest),
}

/// The complete body of a successful answer.
fn whole(exchange: &Exchange) -> Option<&Body> {
    let body = &exchange.response.as_ref().filter(|_| exchange.is_success())?.body;
    (!body.truncated).then_some(body)
}
