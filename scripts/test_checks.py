#!/usr/bin/env python3
"""Shows that each check can fail: made-up houses with one fault each, and one without."""

import pathlib
import sys
import unittest

import check_arrows
import check_files
import check_licences
import check_threats


def package(name, *uses, kind=None):
    """A workspace member as `cargo metadata` has it."""
    return {"name": f"baluardo-{name}", "dependencies": [{"name": f"baluardo-{one}", "kind": kind} for one in uses]}


class Arrows(unittest.TestCase):
    def test_arrows_that_run_down_pass(self):
        house = [package("model"), package("store", "model"), package("service", "store", "model")]
        self.assertEqual(check_arrows.wrong_arrows(house), [])

    def test_an_arrow_that_runs_up_is_named(self):
        found = check_arrows.wrong_arrows([package("model", "store")])
        self.assertEqual(len(found), 1)
        self.assertIn("model uses store", found[0])

    def test_the_agent_may_not_reach_the_store(self):
        self.assertIn("agent uses store", check_arrows.wrong_arrows([package("agent", "store")])[0])

    def test_the_pages_may_not_reach_the_store(self):
        self.assertIn("web uses store", check_arrows.wrong_arrows([package("web", "service", "store")])[0])

    def test_a_crate_on_no_floor_is_named(self):
        self.assertIn("on no floor", check_arrows.wrong_arrows([package("attic")])[0])

    def test_the_kit_for_tests_stays_out_of_the_product(self):
        self.assertEqual(check_arrows.wrong_arrows([package("web", "testkit", kind="dev")]), [])
        self.assertIn("server uses testkit", check_arrows.wrong_arrows([package("server", "testkit")])[0])

    def test_a_library_with_io_is_found_two_steps_below_a_pure_floor(self):
        names = {"d": "baluardo-detect", "x": "scanner", "t": "tokio"}
        found = check_arrows.impure_libraries(["d"], names, {"d": ["x"], "x": ["t"]})
        self.assertEqual(found, ["detect does no IO, but brings in tokio through scanner"])

    def test_the_same_library_is_welcome_on_a_floor_with_io(self):
        names = {"s": "baluardo-store", "t": "tokio"}
        self.assertEqual(check_arrows.impure_libraries(["s"], names, {"s": ["t"]}), [])

    def test_what_only_tests_use_does_not_count(self):
        nodes = [{"id": "d", "deps": [{"pkg": "t", "dep_kinds": [{"kind": "dev"}]}, {"pkg": "m", "dep_kinds": [{"kind": None}]}]}]
        self.assertEqual(check_arrows.product_edges(nodes), {"d": ["m"]})


class Files(unittest.TestCase):
    def faults(self, path, text):
        return check_files.faults(pathlib.PurePosixPath(path), text)

    def test_a_good_file_passes(self):
        self.assertEqual(self.faults("crates/model/src/id.rs", "//! Ids.\n"), [])

    def test_a_file_without_a_head_is_named(self):
        self.assertIn("first line", self.faults("crates/model/src/id.rs", "use std::fmt;\n")[0])

    def test_an_empty_file_has_no_head(self):
        self.assertEqual(len(self.faults("crates/model/src/id.rs", "")), 1)

    def test_a_long_file_is_named_with_its_length(self):
        self.assertIn("401 lines", self.faults("a/b.rs", "//! B.\n" * 401)[0])
        self.assertEqual(self.faults("a/b.rs", "//! B.\n" * 400), [])

    def test_a_name_that_says_nothing_is_refused_for_files_and_folders(self):
        self.assertIn("'utils.rs'", self.faults("a/utils.rs", "//! U.\n")[0])
        self.assertIn("'common'", self.faults("a/common/mod.rs", "//! C.\n")[0])

    def test_an_act_of_the_service_floor_stands_behind_a_pointer(self):
        act = "pub async fn greet() {}\n"
        self.assertIn("x.rs:3", self.faults("crates/service/src/x.rs", "//! X.\n\n" + act)[0])
        self.assertEqual(self.faults("crates/service/src/x.rs", "//! X.\n#[crate::act]\n" + act), [])
        self.assertEqual(self.faults("crates/store/src/x.rs", "//! X.\n\n" + act), [])

    def test_scripts_need_a_head_too(self):
        self.assertEqual(self.faults("scripts/a.sh", "#!/usr/bin/env bash\n# Does a.\n"), [])
        self.assertEqual(len(self.faults("scripts/a.sh", "#!/usr/bin/env bash\nset -e\n")), 1)
        self.assertEqual(len(self.faults("scripts/a.mjs", "import x from 'x';\n")), 1)


class Licences(unittest.TestCase):
    ALLOW = {"MIT", "Apache-2.0", "Unicode-3.0", "Apache-2.0 WITH LLVM-exception"}

    def test_expressions_are_read_as_spdx_has_them(self):
        for expression in ("MIT", "MIT/GPL-2.0", "GPL-2.0 OR MIT", "(MIT OR GPL-2.0) AND Unicode-3.0", "Apache-2.0 WITH LLVM-exception"):
            self.assertTrue(check_licences.allowed(expression, self.ALLOW), expression)
        for expression in ("", "GPL-2.0", "MIT AND GPL-2.0", "(MIT OR Apache-2.0) AND GPL-2.0", "MIT WITH Odd-exception"):
            self.assertFalse(check_licences.allowed(expression, self.ALLOW), expression)

    def test_a_package_without_a_licence_is_named(self):
        self.assertIn("not given", check_licences.licence_faults([("crate x 1.0.0", None)], self.ALLOW)[0])

    def test_a_banned_crate_is_named_with_who_brings_it(self):
        bans = [{"crate": "openssl", "reason": "rustls"}]
        self.assertIn("through curl", check_licences.ban_faults({"openssl"}, {"openssl": {"curl"}}, bans)[0])
        self.assertEqual(check_licences.ban_faults({"rustls"}, {}, bans), [])

    def test_a_wrapper_may_use_what_others_may_not(self):
        bans = [{"crate": "sqlite", "reason": "one", "wrappers": ["sqlx"]}]
        self.assertEqual(check_licences.ban_faults({"sqlite"}, {"sqlite": {"sqlx"}}, bans), [])
        self.assertIn("through other", check_licences.ban_faults({"sqlite"}, {"sqlite": {"sqlx", "other"}}, bans)[0])

    def test_a_second_version_needs_an_explanation(self):
        versions = {"nom": {"7.1.3", "8.0.0"}, "syn": {"3.0.9"}}
        self.assertIn("nom comes in versions", check_licences.version_faults(versions, [])[0])
        self.assertEqual(check_licences.version_faults(versions, [{"crate": "nom@7"}]), [])
        self.assertEqual(len(check_licences.version_faults({"nom": {"7.1.3", "70.0.0", "8.0.0"}}, [{"crate": "nom@7"}])), 1)

    def test_what_no_feature_turns_on_does_not_count(self):
        graph = {
            "packages": [{"id": "a", "name": "a", "version": "1.0.0"}, {"id": "b", "name": "b", "version": "2.0.0"}],
            "resolve": {"nodes": [{"id": "a", "deps": [{"pkg": "b"}]}]},
        }
        crates, users = check_licences.used_crates(graph, {("a", "1.0.0")})
        self.assertEqual(([crate["name"] for crate in crates], users), (["a"], {}))
        self.assertEqual(check_licences.used_crates(graph, {("a", "1.0.0"), ("b", "2.0.0")})[1], {"b": {"a"}})

    def test_npm_entries_carry_their_licence_and_ours_is_left_out(self):
        lock = {"packages": {"": {}, "node_modules/a": {"license": "MIT"}, "node_modules/b/node_modules/dom-walk": {}}}
        self.assertEqual(list(check_licences.npm_licences(lock)), [("npm a", "MIT"), ("npm dom-walk", "MIT")])


class Threats(unittest.TestCase):
    TABLE = "| may never | because | test that shows it |\n|---|---|---|\n| read it | sealed | {} |\n\n| a | b |\n|---|---|\n| `not_a_test` | c |\n"

    def faults(self, proof, tests=()):
        return check_threats.faults(check_threats.proofs(self.TABLE.format(proof)), set(tests))

    def test_a_named_test_must_exist(self):
        self.assertEqual(self.faults("`it_is_read_by_nobody`", ["it_is_read_by_nobody"]), [])
        self.assertIn("no test is called it_is_read_by_nobody", self.faults("`it_is_read_by_nobody`")[0])

    def test_a_promise_without_a_test_says_that_it_is_planned(self):
        self.assertEqual(self.faults("*planned*: nobody reads it"), [])
        self.assertIn("neither a test nor", self.faults("surely")[0])


if __name__ == "__main__":
    sys.exit(0 if unittest.main(exit=False, verbosity=1).result.wasSuccessful() else 1)
