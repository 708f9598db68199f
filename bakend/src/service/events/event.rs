//! What a hook is handed: the parts of an event, the rest of its chain, and what the hook takes the record for.

use std::{
    future::Future,
    marker::PhantomData,
    ops::{Deref, DerefMut},
    sync::{Mutex, PoisonError},
};

use ref_cast::RefCast;

use crate::{Result, hooks::Next};

/// Says that a hook takes its records as they are, with fields by name.
#[derive(Clone, Copy, Debug)]
pub struct Dynamic;

/// An event on its way through a chain of hooks. `P` are its parts, which show through; `T` is the collection's type where a hook
/// knows it ([`Dynamic`] where not).
#[derive(RefCast)]
#[repr(transparent)]
pub struct Event<P: 'static, T = Dynamic> {
    inner: Carried<P>,
    of: PhantomData<fn() -> T>,
}

/// The parts and the rest of the chain; the same for every `T`, so that an event can be seen as any of them.
pub struct Carried<P: 'static> {
    parts: P,
    /// Behind a lock only to be shared between threads; it is never waited for.
    rest: Mutex<Option<Next<Event<P>>>>,
}

impl<P: Send + 'static> Event<P> {
    /// An event that no chain carries yet.
    pub fn new(parts: P) -> Self {
        Self { inner: Carried { parts, rest: Mutex::new(None) }, of: PhantomData }
    }

    /// What is left when every hook has been heard.
    pub fn into_parts(self) -> P {
        self.inner.parts
    }

    /// Lets a hook have its say: before the rest of the chain or, where it calls [`next`](Self::next), around it.
    pub(super) async fn hand_to<T: 'static>(
        &mut self,
        next: Next<Self>,
        hook: impl Handler<Event<P, T>>,
    ) -> Result<()> {
        *self.inner.rest() = Some(next);
        let outcome = hook(self.seen_as::<T>()).await;
        match (outcome, self.inner.rest().take()) {
            (Ok(()), Some(next)) => next.run(self).await,
            (outcome, _) => outcome,
        }
    }

    fn seen_as<T>(&mut self) -> &mut Event<P, T> {
        Event::ref_cast_mut(&mut self.inner)
    }
}

impl<P: Send + 'static, T> Event<P, T> {
    /// Lets everything else happen now: the hooks behind this one, and what the event is about. A hook that does not ask for it runs
    /// before them. The second time nothing happens, nor after it was dropped before its end.
    ///
    /// # Errors
    /// What the rest of the chain answers. A hook that does not hand an error on does not make it good: what failed stays undone, and what the
    /// event is about counts as stopped.
    pub async fn next(&mut self) -> Result<()> {
        let Some(next) = self.inner.rest().take() else { return Ok(()) };
        let asked = Asked(&mut self.inner);
        next.run(Event::ref_cast_mut(&mut *asked.0)).await
    }
}

/// The rest of a chain that a hook asks for. A hook in it that panics, or is dropped before it has its say, leaves behind what comes after
/// it: that must not happen as if the hook had agreed.
struct Asked<'e, P: 'static>(&'e mut Carried<P>);

impl<P: 'static> Drop for Asked<'_, P> {
    fn drop(&mut self) {
        self.0.rest().take();
    }
}

impl<P: Send + 'static, T> Event<P, T> {
    /// Lets nothing else happen, without an error: the hooks behind this one are not heard. A mail does not leave then; a write is
    /// refused with a message that says so.
    pub fn stop(&mut self) {
        self.inner.rest().take();
    }
}

impl<P> Carried<P> {
    fn rest(&mut self) -> &mut Option<Next<Event<P>>> {
        self.rest.get_mut().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<P, T> Deref for Event<P, T> {
    type Target = P;

    fn deref(&self) -> &P {
        &self.inner.parts
    }
}

impl<P, T> DerefMut for Event<P, T> {
    fn deref_mut(&mut self) -> &mut P {
        &mut self.inner.parts
    }
}

/// Names the future of a hook, so that it can be asked to be [`Send`]. Every function that returns one has it.
pub trait Answers<A>: FnOnce(A) -> Self::Answer {
    /// What it returns.
    type Answer: Future<Output = Result<()>> + Send;
}

impl<A, F, Answer> Answers<A> for F
where
    F: FnOnce(A) -> Answer,
    Answer: Future<Output = Result<()>> + Send,
{
    type Answer = Answer;
}

/// What can listen to an event: an `async fn(&mut E) -> Result<()>`, or an async closure whose captures can be cloned.
///
/// There is nothing to implement: every such function is one. It is cloned for each event, so that what it captured may live in the
/// future it returns.
pub trait Handler<E: 'static>:
    AsyncFnOnce(&mut E) -> Result<()> + for<'e> Answers<&'e mut E> + Clone + Send + Sync + 'static
{
}

impl<E: 'static, F> Handler<E> for F where
    F: AsyncFnOnce(&mut E) -> Result<()> + for<'e> Answers<&'e mut E> + Clone + Send + Sync + 'static
{
}
