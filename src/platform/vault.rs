//! What this browser keeps of the table: bytes under a name, in IndexedDB, which has room for per-request records.

use idb::{Database, DatabaseEvent, Error, Factory, ObjectStoreParams, Query, TransactionMode};
use js_sys::Uint8Array;
use wasm_bindgen::JsValue;

const NAME: &str = "servelens";
const STORE: &str = "kept";

async fn open() -> Result<Database, Error> {
    let mut request = Factory::new()?.open(NAME, Some(1))?;
    request.on_upgrade_needed(|event| {
        if let Ok(base) = event.database() {
            // Without it the transactions below fail, and say so.
            drop(base.create_object_store(STORE, ObjectStoreParams::new()));
        }
    });
    request.await
}

/// Keeps bytes under a name; `None` forgets what is there.
///
/// # Errors
/// The browser's message when it refuses (private window, full disk).
pub async fn keep(name: &str, bytes: Option<&[u8]>) -> Result<(), String> {
    let work = async {
        let base = open().await?;
        let step = base.transaction(&[STORE], TransactionMode::ReadWrite)?;
        let store = step.object_store(STORE)?;
        let name = JsValue::from_str(name);
        match bytes {
            Some(bytes) => {
                store.put(&Uint8Array::from(bytes), Some(&name))?.await?;
            }
            None => store.delete(Query::Key(name))?.await?,
        }
        step.commit()?.await?;
        base.close();
        Ok(())
    };
    work.await.map_err(|e: Error| e.to_string())
}

/// What was kept under a name; `None` when nothing is there.
///
/// # Errors
/// The browser's message when it has no store or can't read it.
pub async fn kept(name: &str) -> Result<Option<Vec<u8>>, String> {
    let work = async {
        let base = open().await?;
        let step = base.transaction(&[STORE], TransactionMode::ReadOnly)?;
        let value = step
            .object_store(STORE)?
            .get(Query::Key(JsValue::from_str(name)))?
            .await?;
        base.close();
        Ok::<_, Error>(value)
    };
    let value = work.await.map_err(|e| e.to_string())?;
    Ok(value.map(|v| Uint8Array::new(&v).to_vec()))
}
