//! A server that is told to stop answers what runs, and takes nothing more.

use super::*;

#[tokio::test]
async fn running_calls_are_answered_and_idle_connections_closed() {
    let mut served = Served::new().await;
    let mut idle = served.connect().await;
    let mut used = served.connect().await;
    let body = call_of("echo", "1");
    let kept = format!("{}content-length: {}\r\n\r\n{body}", head(&[], false), body.len());
    used.write_all(kept.as_bytes()).await.unwrap();
    assert!(used.read(&mut [0; 4096]).await.unwrap() > 0);
    let mut running = served.waiting_call().await;
    served.stop.cancel();
    assert_eq!(read_all(&mut idle).await, "");
    read_all(&mut used).await;
    assert!(!served.ended.is_finished(), "a call still runs");
    served.stub.let_go.add_permits(1);
    assert_is(&read_all(&mut running).await, "200", &["3 bytes", "connection: close"]);
    timeout(DEADLINE, &mut served.ended).await.expect("it ends").unwrap().unwrap();
    assert!(TcpStream::connect(served.address).await.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn a_call_that_does_not_end_is_not_waited_for() {
    let mut served = Served::with(|limits| limits.drain_time = Duration::from_millis(50)).await;
    let mut running = served.waiting_call().await;
    served.stop.cancel();
    timeout(DEADLINE, &mut served.ended).await.expect("it ends").unwrap().unwrap();
    assert_eq!(read_all(&mut running).await, "");
}
