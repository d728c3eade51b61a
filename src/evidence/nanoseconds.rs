//! Times in recordings, in whole nanoseconds: `#[serde(with = "super::nanoseconds")]`.

use std::time::Duration;

use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

/// A time, possibly unknown.
pub(super) trait Time: Sized {
    fn nanoseconds(&self) -> Option<u64>;
    fn of(nanoseconds: Option<u64>) -> Option<Self>;
}

impl Time for Duration {
    fn nanoseconds(&self) -> Option<u64> {
        // Longer than 584 years.
        Some(u64::try_from(self.as_nanos()).unwrap_or(u64::MAX))
    }

    fn of(nanoseconds: Option<u64>) -> Option<Self> {
        nanoseconds.map(Self::from_nanos)
    }
}

impl Time for Option<Duration> {
    fn nanoseconds(&self) -> Option<u64> {
        self.as_ref().and_then(Time::nanoseconds)
    }

    fn of(nanoseconds: Option<u64>) -> Option<Self> {
        Some(nanoseconds.map(Duration::from_nanos))
    }
}

pub(super) fn serialize<T: Time, S: Serializer>(time: &T, serializer: S) -> Result<S::Ok, S::Error> {
    time.nanoseconds().serialize(serializer)
}

pub(super) fn deserialize<'de, T: Time, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    let read = T::of(Option::deserialize(deserializer)?);
    read.ok_or_else(|| serde::de::Error::custom("a time in nanoseconds is missing"))
}
