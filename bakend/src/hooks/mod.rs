//! Ordered chains of hooks with `next`; knows nothing of records.
//!
//! A [`Chain`] holds the hooks of one event. [`Chain::run`] calls them lowest priority first; each may change the event, call
//! [`Next::run`] to let the rest happen, look at the outcome, or return an error, which stops everything.

use std::{
    future::Future,
    panic::AssertUnwindSafe,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use arc_swap::ArcSwap;
use futures_util::FutureExt as _;

use crate::{Error, Result};

/// What a hook returns.
pub type HookFuture<'a> = Pin<Box<dyn Future<Output = Result<()>> + Send + 'a>>;

type Call<E> = dyn for<'a> Fn(&'a mut E, Next<E>) -> HookFuture<'a> + Send + Sync;
type Last<E> = Box<dyn for<'b> FnOnce(&'b mut E) -> HookFuture<'b> + Send>;

/// The priority of a hook that names none; lower runs earlier, equals in the order they were added.
pub const PRIORITY_DEFAULT: i32 = 0;

/// What a hook listens to, and when in the chain.
#[derive(Clone, Debug, Default)]
pub struct Bind {
    /// Names or ids it is for (collections); empty: all.
    pub tags: Vec<String>,
    /// Lower runs earlier.
    pub priority: i32,
    /// What errors call it; empty: "a hook".
    pub name: String,
}

impl Bind {
    /// For everything, at the default priority.
    pub fn all() -> Self {
        Self::default()
    }

    /// For one collection, by name or id.
    pub fn on(tag: impl Into<String>) -> Self {
        Self { tags: vec![tag.into()], ..Self::default() }
    }
}

/// Names one hook, to take it out again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HookId(u64);

struct Hook<E> {
    id: HookId,
    bind: Bind,
    call: Box<Call<E>>,
}

/// The hooks of one event, in order.
pub struct Chain<E> {
    hooks: ArcSwap<Vec<Arc<Hook<E>>>>,
    next_id: AtomicU64,
}

impl<E> Default for Chain<E> {
    fn default() -> Self {
        Self { hooks: ArcSwap::default(), next_id: AtomicU64::new(1) }
    }
}

impl<E: Send + 'static> Chain<E> {
    /// Adds a hook.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> bakend::Result<()> {
    /// use bakend::hooks::{Bind, Chain};
    /// let chain = Chain::<String>::default();
    /// chain.add(Bind::all(), |text, next| Box::pin(async move {
    ///     text.push('1');
    ///     next.run(text).await
    /// }));
    /// let mut text = String::from("0");
    /// chain.run(&mut text, &[], |text| Box::pin(async move { text.push('2'); Ok(()) })).await?;
    /// assert_eq!(text, "012");
    /// # Ok(()) }
    /// ```
    pub fn add(
        &self,
        bind: Bind,
        call: impl for<'a> Fn(&'a mut E, Next<E>) -> HookFuture<'a> + Send + Sync + 'static,
    ) -> HookId {
        let id = HookId(self.next_id.fetch_add(1, Ordering::Relaxed));
        let hook = Arc::new(Hook { id, bind, call: Box::new(call) });
        self.hooks.rcu(|hooks| {
            let mut hooks = Vec::clone(hooks);
            let at = hooks.partition_point(|other| other.bind.priority <= hook.bind.priority);
            hooks.insert(at, Arc::clone(&hook));
            hooks
        });
        id
    }

    /// Takes a hook out; returns whether it was there.
    pub fn remove(&self, id: HookId) -> bool {
        let before = self.hooks.rcu(|hooks| hooks.iter().filter(|hook| hook.id != id).cloned().collect::<Vec<_>>());
        before.iter().any(|hook| hook.id == id)
    }

    /// Whether a hook was ever added. One plain load, for paths that every request takes.
    pub fn is_used(&self) -> bool {
        self.next_id.load(Ordering::Relaxed) > 1
    }

    /// Whether any hook listens to one of these tags. One plain load when there are no hooks at all.
    pub fn listens(&self, tags: &[&str]) -> bool {
        self.is_used() && self.hooks.load().iter().any(|hook| hook.listens(tags))
    }

    /// Runs the hooks that listen to one of `tags`, then `last`.
    ///
    /// # Errors
    /// The first error of a hook or of `last`; `Internal` when a hook panics.
    pub async fn run(
        &self,
        event: &mut E,
        tags: &[&str],
        last: impl for<'b> FnOnce(&'b mut E) -> HookFuture<'b> + Send + 'static,
    ) -> Result<()> {
        self.start(tags, None, Box::new(last)).run(event).await
    }

    /// The same; returns whether every hook called `next`, and `last` and all of them were through without an error. What a hook forgets of
    /// the errors behind it counts all the same.
    ///
    /// # Errors
    /// As of [`run`](Self::run).
    pub(crate) async fn run_agreed(
        &self,
        event: &mut E,
        tags: &[&str],
        last: impl for<'b> FnOnce(&'b mut E) -> HookFuture<'b> + Send + 'static,
    ) -> Result<bool> {
        let agreed = Arc::new(AtomicBool::new(false));
        self.start(tags, Some(Arc::clone(&agreed)), Box::new(last)).run(event).await?;
        Ok(agreed.load(Ordering::Relaxed))
    }

    /// Runs the hooks; true when every one of them called `next`, and none failed.
    ///
    /// # Errors
    /// The first error of a hook.
    pub async fn all_agree(&self, event: &mut E, tags: &[&str]) -> Result<bool> {
        self.run_agreed(event, tags, |_| Box::pin(std::future::ready(Ok(())))).await
    }

    fn start(&self, tags: &[&str], agreed: Option<Arc<AtomicBool>>, last: Last<E>) -> Next<E> {
        let hooks: Vec<_> = self.hooks.load().iter().filter(|hook| hook.listens(tags)).cloned().collect();
        Next { hooks: hooks.into(), at: 0, agreed, last }
    }
}

impl<E> Hook<E> {
    fn shown(&self) -> String {
        let name = &self.bind.name;
        if name.is_empty() { "a hook".to_owned() } else { format!("the hook `{name}`") }
    }

    fn listens(&self, tags: &[&str]) -> bool {
        self.bind.tags.is_empty() || self.bind.tags.iter().any(|tag| tags.contains(&tag.as_str()))
    }
}

/// The rest of a chain.
pub struct Next<E> {
    hooks: Arc<[Arc<Hook<E>>]>,
    at: usize,
    /// Whether all is well so far as it is through.
    agreed: Option<Arc<AtomicBool>>,
    last: Last<E>,
}

impl<E: Send + 'static> Next<E> {
    /// Runs the rest of the chain and what the event is about.
    pub fn run(mut self, event: &mut E) -> HookFuture<'_> {
        let agreed = self.agreed.clone();
        let note = move |outcome: Result<()>| {
            agreed.iter().for_each(|agreed| agreed.store(outcome.is_ok(), Ordering::Relaxed));
            outcome
        };
        let Some(hook) = self.hooks.get(self.at).cloned() else {
            return Box::pin((self.last)(event).map(note));
        };
        self.at += 1;
        Box::pin(async move {
            // A hook is the user's code: its panic must not take the server, or the writer's transaction, with it.
            match AssertUnwindSafe(async { (hook.call)(event, self).await }).catch_unwind().await {
                Ok(Ok(())) => Ok(()),
                Ok(failed) => note(failed),
                Err(panic) => {
                    note(Err(Error::internal(format!("{} panicked: {}", hook.shown(), panic_text(panic.as_ref())))))
                }
            }
        })
    }
}

/// What a panic said.
pub(crate) fn panic_text(panic: &(dyn std::any::Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Kind;

    fn push(letter: char) -> impl for<'a> Fn(&'a mut String, Next<String>) -> HookFuture<'a> + Send + Sync {
        move |text, next| {
            Box::pin(async move {
                text.push(letter);
                next.run(text).await?;
                text.push(letter.to_ascii_uppercase());
                Ok(())
            })
        }
    }

    async fn run(chain: &Chain<String>, tags: &[&str]) -> Result<String> {
        let mut text = String::new();
        chain
            .run(&mut text, tags, |text| {
                Box::pin(async move {
                    text.push('.');
                    Ok(())
                })
            })
            .await?;
        Ok(text)
    }

    #[tokio::test]
    async fn hooks_wrap_each_other_by_priority_then_by_order_added() {
        let chain = Chain::default();
        chain.add(Bind::all(), push('b'));
        chain.add(Bind::all(), push('c'));
        chain.add(Bind { priority: -1, ..Bind::all() }, push('a'));
        assert_eq!(run(&chain, &[]).await.expect("runs"), "abc.CBA");
    }

    #[tokio::test]
    async fn a_hook_hears_its_own_tags_only_and_can_be_removed() {
        let chain = Chain::default();
        let id = chain.add(Bind::on("posts"), push('p'));
        assert!(chain.listens(&["x", "posts"]) && !chain.listens(&["users"]));
        assert_eq!(run(&chain, &["users"]).await.expect("runs"), ".");
        assert_eq!(run(&chain, &["posts"]).await.expect("runs"), "p.P");
        assert!(chain.remove(id) && !chain.remove(id));
        assert_eq!(run(&chain, &["posts"]).await.expect("runs"), ".");
    }

    #[tokio::test]
    async fn an_error_stops_the_chain_and_a_panic_becomes_an_error() {
        let chain = Chain::default();
        let id = chain.add(Bind::all(), |_, _| Box::pin(async { Err(Error::forbidden("no")) }));
        assert_eq!(run(&chain, &[]).await.expect_err("stopped").kind(), Kind::Forbidden);
        chain.remove(id);
        chain.add(Bind::all(), |_, _| Box::pin(async { panic!("boom") }));
        assert_eq!(run(&chain, &[]).await.expect_err("caught").kind(), Kind::Internal);
    }

    #[tokio::test]
    async fn a_hook_that_does_not_call_next_withholds_its_agreement() {
        let chain = Chain::<String>::default();
        assert!(chain.all_agree(&mut String::new(), &[]).await.expect("runs"));
        let id = chain.add(Bind::all(), |_, _| Box::pin(async { Ok(()) }));
        assert!(!chain.all_agree(&mut String::new(), &[]).await.expect("runs"));
        chain.remove(id);
        // A hook around one that fails behind its own `next` may forget the error; it failed all the same.
        chain.add(Bind::all(), |text, next| {
            Box::pin(async move {
                let _ = next.run(text).await;
                Ok(())
            })
        });
        assert!(chain.all_agree(&mut String::new(), &[]).await.expect("runs"));
        chain.add(Bind::all(), |text, next| {
            Box::pin(async move {
                next.run(text).await?;
                Err(Error::forbidden("after all"))
            })
        });
        assert!(!chain.all_agree(&mut String::new(), &[]).await.expect("runs"));
    }
}
