//! What happens by itself when messages are written.

use bakend::{Error, RecordEvent, Result};

use crate::models::Message;

/// Takes the blanks around a message away; nothing but blanks is no message.
pub async fn tidy(event: &mut RecordEvent<Message>) -> Result<()> {
    let text = event.record()?.text.trim().to_owned();
    if text.is_empty() {
        return Err(Error::invalid("A message needs some text"));
    }
    event.set(Message::text, text);
    event.set(Message::edited, false);
    Ok(())
}

/// Marks a message whose text is another one now.
pub async fn mark(event: &mut RecordEvent<Message>) -> Result<()> {
    let (now, before) = (event.record()?, event.original()?);
    let was_edited = before.as_ref().is_some_and(|before| before.edited);
    let is_other = before.is_some_and(|before| before.text != now.text);
    event.set(Message::edited, was_edited || is_other);
    Ok(())
}
