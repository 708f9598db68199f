//! Who a call is made for: somebody with rules, or the program itself.

use std::sync::Arc;

use super::RequestInfo;
use crate::schema::Record;

/// Who asks, as rules see it. There is no default: a call says for whom it is made.
#[derive(Clone, Debug)]
pub struct Caller {
    info: Arc<RequestInfo>,
}

impl Caller {
    /// Nobody in particular: only what rules allow to everyone.
    pub fn guest() -> Self {
        Self { info: Arc::default() }
    }

    /// Somebody who could sign in: what rules allow to this record; everything to a superuser.
    pub fn user(record: impl Into<Arc<Record>>) -> Self {
        Self { info: Arc::new(RequestInfo { auth: Some(record.into()), ..RequestInfo::default() }) }
    }

    /// The program itself: no rule is asked.
    pub fn system() -> Self {
        Self { info: Arc::new(RequestInfo { trusted: true, ..RequestInfo::default() }) }
    }

    /// Whoever sent a request, with what rules may ask about it.
    pub fn of(info: Arc<RequestInfo>) -> Self {
        Self { info }
    }

    /// Who is signed in; `None`: a guest, or the program itself.
    pub fn record(&self) -> Option<&Arc<Record>> {
        self.info.auth.as_ref()
    }

    /// Whether rules are asked at all.
    pub fn has_rules(&self) -> bool {
        !self.info.is_superuser()
    }

    /// What rules may ask about the request.
    pub fn info(&self) -> &Arc<RequestInfo> {
        &self.info
    }
}

impl From<&Caller> for Caller {
    fn from(caller: &Caller) -> Self {
        caller.clone()
    }
}

impl From<&Record> for Caller {
    fn from(record: &Record) -> Self {
        Self::user(record.clone())
    }
}

impl From<&Arc<Record>> for Caller {
    fn from(record: &Arc<Record>) -> Self {
        Self::user(Arc::clone(record))
    }
}
