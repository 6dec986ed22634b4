//! Death between receiving and acknowledging: the server has kept what it was told, and nobody knows.

use crate::stage::proxy::Proxy;
use crate::stage::{Stage, name_of, until};
use baluardo_detect::scan::eicar_test_file;
use std::collections::BTreeMap;

/// An agent that reaches its server over a wire that the story holds.
fn over_a_wire() -> (Stage, Proxy) {
    let mut stage = Stage::set();
    stage.start_server();
    stage.enrol(&stage.root.join("agent"), stage.comune);
    let proxy = Proxy::to(stage.agents);
    let config = format!("{{\"server\": \"localhost:{}\"}}", proxy.address.port());
    std::fs::write(stage.root.join("agent/config.json"), config).unwrap();
    stage.agent.start();
    stage.wait_for_guard();
    (stage, proxy)
}

/// How often each file is told, and how often its story says that it was taken.
fn told(stage: &Stage) -> BTreeMap<String, (usize, usize)> {
    let mut told = BTreeMap::new();
    for finding in stage.findings() {
        let story = stage.api("GET", &format!("/findings/{}", finding["id"].as_str().unwrap()));
        let steps = story["steps"].as_array().unwrap();
        let taken = steps.iter().filter(|step| step["kind"] == "quarantined").count();
        let (count, steps) = told.entry(name_of(&finding)).or_insert((0, 0));
        *count += 1;
        *steps += taken;
    }
    told
}

fn a_death_before_the_answer_arrives(server_dies: bool) {
    let (mut stage, proxy) = over_a_wire();
    for round in 1..=3 {
        // An answer that is still on its way would be held too, and nothing be sent behind it.
        proxy.rest();
        proxy.hold();
        std::fs::write(stage.documents.join(format!("bad-{round}.com")), eicar_test_file()).unwrap();
        until("the server has kept it, and its answer is held", || {
            proxy.holds_something() && stage.findings().len() == round
        });
        if server_dies {
            stage.server.kill();
            proxy.cut();
            stage.server.start();
        } else {
            stage.agent.kill();
            proxy.cut();
            stage.agent.start();
        }
        stage.wait_for_server();
        let name = format!("bad-{round}.com");
        until("the agent told the rest", || told(&stage).get(&name) == Some(&(1, 1)));
    }
    // What is told after all else shows that nothing of it is still under way.
    std::fs::write(stage.documents.join("bad-4.com"), eicar_test_file()).unwrap();
    let once = (1..=4).map(|round| (format!("bad-{round}.com"), (1, 1))).collect();
    until("the last one is told", || told(&stage).get("bad-4.com") == Some(&(1, 1)));
    assert_eq!(told(&stage), once);
}

#[test]
fn a_server_that_dies_before_its_answer_arrives_has_each_event_once() {
    a_death_before_the_answer_arrives(true);
}

#[test]
fn an_agent_that_dies_before_the_answer_arrives_tells_each_event_once() {
    a_death_before_the_answer_arrives(false);
}
