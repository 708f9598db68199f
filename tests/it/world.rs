//! People who ask, and what a test prepares for them.

use serde_json::{Value as Json, json};

use super::client::{Answer, Ask, Expected, PASSWORD, Server, get, post};

/// Who asks.
#[derive(Clone, Debug)]
pub enum Who {
    /// Nobody in particular.
    Guest,
    /// The superuser of every server.
    Superuser,
    /// Somebody with this token.
    Token(String),
}

pub use Who::{Guest, Superuser};

/// An account of the collection `users`.
pub struct Person {
    /// The record's id.
    pub id: String,
    /// Its sign-in.
    pub token: String,
}

impl Person {
    /// This person, asking.
    pub fn asks(&self) -> Who {
        Who::Token(self.token.clone())
    }
}

impl Server {
    /// Sends a request as somebody.
    pub async fn ask(&self, who: &Who, ask: Ask) -> Answer {
        let ask = match who {
            Guest => ask,
            Superuser => ask.with("Authorization", &self.root().await),
            Who::Token(token) => ask.with("Authorization", token),
        };
        self.send(&ask).await
    }

    /// Makes a collection; the rules are those of list, view, create, update, delete.
    pub async fn collection(&self, name: &str, rules: [Option<&str>; 5], fields: Json) -> Json {
        let [list, view, create, update, delete] = rules;
        let body = json!({
            "name": name, "type": "base", "fields": fields,
            "listRule": list, "viewRule": view, "createRule": create, "updateRule": update, "deleteRule": delete,
        });
        self.made(post("/api/collections", body)).await
    }

    /// Makes a record; returns its id.
    pub async fn record(&self, collection: &str, body: Json) -> String {
        let made = self.made(post(&format!("/api/collections/{collection}/records"), body)).await;
        made["id"].as_str().expect("a record has an id").to_owned()
    }

    /// Records of a collection.
    pub async fn count(&self, collection: &str) -> u64 {
        let page = self.made(get(&format!("/api/collections/{collection}/records"))).await;
        page["totalItems"].as_u64().expect("a page has a total")
    }

    /// A new account of `users`, signed in.
    pub async fn person(&self, name: &str) -> Person {
        let email = format!("{name}@example.com");
        let body = json!({"email": email, "password": PASSWORD, "passwordConfirm": PASSWORD});
        let id = self.record("users", body).await;
        Person { id, token: self.token("users", &email, PASSWORD).await }
    }

    /// Runs every row and names those that fail.
    pub async fn check(&self, rows: impl IntoIterator<Item = (Who, Ask, Expected)>) {
        let mut wrong = Vec::new();
        for (who, ask, expected) in rows {
            let answer = self.ask(&who, ask.clone()).await;
            if let Some(miss) = expected.misses(&answer) {
                wrong.push(format!("{} as {who:?}: {miss}\n    {} {}", ask.name(), answer.status, answer.body));
            }
        }
        assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    }
}
