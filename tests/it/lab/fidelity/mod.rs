//! Whether the lab's CNCF distribution answers as the real one does, request by request.
//!
//! 2.8 runs beside the lab, with the same content, and both are asked the same; of 3 there are recordings. What is
//! asked is a list that can be counted without asking, and every difference fails the test.

mod answer;
mod requests;
mod running;
mod storage;
mod three;
mod three_content;
mod two;

/// How many requests are compared with a running CNCF distribution 2.8.
pub fn compared_with_two() -> usize {
    two::all().iter().map(|(_, requests)| requests.len()).sum()
}

/// How many requests are compared with recordings of CNCF distribution 3.
pub fn compared_with_three() -> usize {
    three::compared()
}
