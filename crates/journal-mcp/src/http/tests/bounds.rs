//! Size, time and number: what is too much is refused, and the next call is served.

use super::*;

const SHORT: Duration = Duration::from_millis(100);

#[tokio::test]
async fn a_body_that_is_too_long_is_refused_however_it_comes() {
    let served = Served::with(|limits| limits.body = 1000).await;
    let fits = call_of("echo", "1").replace("abc", &"x".repeat(800));
    assert_is(&served.say(post(&[], &fits)).await, "200", &["800 bytes"]);
    let long = "x".repeat(50 << 20);
    assert_is(&served.say(post(&[], &long)).await, "413", &["too_large", "connection: close"]);
    let chunked =
        format!("{}transfer-encoding: chunked\r\n\r\n{:x}\r\n{long}\r\n0\r\n\r\n", head(&[], true), long.len());
    assert_is(&served.say(chunked).await, "413", &["too_large"]);
    // A client that asks first never sends it.
    let asked = format!("{}expect: 100-continue\r\ncontent-length: {}\r\n\r\n", head(&[], true), long.len());
    assert_is(&served.say(asked).await, "413", &["too_large"]);
    // One that says more than anybody can send is answered at once.
    let endless = format!("{}content-length: {}\r\n\r\n", head(&[], true), u64::MAX - 2);
    let answer = Served::with(|limits| limits.body_time = SHORT).await.say(endless).await;
    assert_is(&answer, "413", &["too_large"]);
}

#[tokio::test]
async fn a_head_that_does_not_end_is_not_waited_for() {
    // What there is of the head is sent before the server begins to wait for the rest, however slow this machine is.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    stream.write_all(b"POST /mcp HTTP/1.1\r\nhost: loc").await.unwrap();
    let served = Served::on(listener, |limits| limits.head_time = SHORT);
    assert_is(&read_all(&mut stream).await, "408", &["slow_head", "connection: close"]);
    assert_eq!(served.say("").await, "", "an idle connection is closed without a word");
}

#[tokio::test]
async fn a_body_that_does_not_end_is_not_waited_for() {
    let served = Served::with(|limits| limits.body_time = SHORT).await;
    let body = call_of("echo", "1");
    let half = format!("{}content-length: {}\r\n\r\n{}", head(&[], true), body.len(), &body[..20]);
    assert_is(&served.say(half).await, "408", &["slow_body", "connection: close"]);
}

#[tokio::test]
async fn a_call_that_takes_too_long_is_answered_all_the_same() {
    let served = Served::with(|limits| limits.call_time = SHORT).await;
    assert_is(&served.call("wait").await, "504", &["slow_call"]);
}

#[tokio::test]
async fn calls_beyond_the_bound_are_told_to_come_again() {
    let served = Served::with(|limits| limits.calls = 2).await;
    let mut running = [served.waiting_call().await, served.waiting_call().await];
    assert_is(&served.call("echo").await, "503", &["busy", "retry-after: 1"]);
    // Those who may not come in take no place.
    let stranger = served.say(post(&["authorization: Bearer x"], "")).await;
    assert_is(&stranger, "401", &[]);
    served.stub.let_go.add_permits(2);
    for call in &mut running {
        assert_is(&read_all(call).await, "200", &["3 bytes"]);
    }
    assert_is(&served.call("echo").await, "200", &[]);
}

#[tokio::test]
async fn connections_beyond_the_bound_are_told_to_come_again() {
    let served = Served::with(|limits| limits.connections = 2).await;
    let mut running = [served.waiting_call().await, served.waiting_call().await];
    assert_is(&served.call("echo").await, "503", &["busy", "retry-after: 1", "connection: close"]);
    served.stub.let_go.add_permits(2);
    for call in &mut running {
        assert_is(&read_all(call).await, "200", &[]);
    }
    // The place is free a moment after the connection has closed.
    let free = async { while !served.call("echo").await.starts_with("HTTP/1.1 200") {} };
    timeout(DEADLINE, free).await.expect("a place becomes free");
}

#[tokio::test]
async fn a_client_that_leaves_gives_its_place_back() {
    let served = Served::with(|limits| limits.calls = 1).await;
    drop(served.waiting_call().await);
    let free = async { while !served.call("echo").await.starts_with("HTTP/1.1 200") {} };
    timeout(DEADLINE, free).await.expect("the place becomes free");
}
