/* By what the portal signs: its authority, and an imported certificate (P6). */
#include "core/signing_keys.h"

#include "base/limits.h"
#include "crypto/cms.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#include "core/core_test_support.h"
#include "crypto/program_test.h"
#include "store/store_direct.h"

static const uint8_t sum[32] = {1, 2, 3};

static struct certificate_facts facts_of(struct cx *cx, struct signing_key *key)
{
	struct certificate_facts facts;
	assert_int_equal(signing_key_facts(key, cx->arena, &facts), OK);
	signing_key_free(key);
	return facts;
}

static struct certificate_facts certifier(struct cx *cx)
{
	struct signing_key *key = NULL;
	assert_int_equal(signing_keys_certify(cx, &key), OK);
	return facts_of(cx, key);
}

static struct certificate_facts sealer(struct cx *cx)
{
	struct signing_key *key = NULL;
	assert_int_equal(signing_keys_seal(cx, &key), OK);
	return facts_of(cx, key);
}

static size_t all(struct cx *cx, struct signing_key_view **ret)
{
	size_t count;
	assert_int_equal(signing_keys_all(cx, ret, &count), OK);
	return count;
}

/* A real authority's file, good from `from` on for `days`. The clock of the portal in the tests is
 * not today's. */
static struct str real_file(struct core_fixture *f, const char *name, int days)
{
	char from[32], until[32], subject[64];
	time_t now = (time_t)(atomic_load(&f->clock.now_ms) / 1000), end = now + days * 86400;
	strftime(from, sizeof(from), "%Y%m%d%H%M%SZ", gmtime(&now));
	strftime(until, sizeof(until), "%Y%m%d%H%M%SZ", gmtime(&end));
	snprintf(subject, sizeof(subject), "/O=Real/CN=%s", name);
	program_put("index.txt", STR(""));
	program_put("ca.conf",
		    arena_printf(&f->arena,
				 "[ca]\ndefault_ca = d\n[d]\ndefault_md = sha256\npolicy = p\n"
				 "database = %s/index.txt\nrand_serial = yes\nemail_in_dn = no\n"
				 "x509_extensions = e\n[p]\norganizationName = optional\n"
				 "commonName = supplied\n[e]\nbasicConstraints = CA:FALSE\n",
				 program_folder));
	assert_program("openssl", "req", "-new", "-newkey", "EC", "-pkeyopt",
		       "ec_paramgen_curve:P-256", "-nodes", "-keyout", program_path("real.key"),
		       "-subj", subject, "-out", program_path("real.csr"));
	assert_program("openssl", "ca", "-batch", "-notext", "-config", program_path("ca.conf"),
		       "-selfsign", "-keyfile", program_path("real.key"), "-in",
		       program_path("real.csr"), "-startdate", from, "-enddate", until, "-outdir",
		       program_folder, "-out", program_path("real.pem"), "-preserveDN");
	assert_program("openssl", "pkcs12", "-export", "-inkey", program_path("real.key"), "-in",
		       program_path("real.pem"), "-passout", "pass:geheim", "-out",
		       program_path("real.p12"));
	return arena_copy(&f->arena, program_get("real.p12"));
}

/* ---- the authority ---- */

static void a_portal_has_an_authority_from_its_first_opening_on(void **state)
{
	struct core_fixture *f = *state;
	struct cx cx = core_fixture_cx(f, f->admin);
	struct signing_key_view *views, *again;
	assert_int_equal(all(&cx, &views), 1);
	assert_int_equal(views[0].kind, SIGNING_KEY_AUTHORITY);
	assert_int_equal(views[0].ended_ms, 0);
	assert_str(views[0].facts.organisation, f->portal->settings->name);
	assert_int_equal(views[0].facts.from_ms,
			 atomic_load(&f->clock.now_ms) - LIMIT_TIMESTAMP_SKEW_MS);
	core_fixture_reopen(f);
	cx = core_fixture_cx(f, f->admin);
	assert_int_equal(all(&cx, &again), 1);
	assert_memory_equal(again[0].facts.sha256, views[0].facts.sha256, 32);
}

static void each_signature_has_its_own_certificate(void **state)
{
	struct core_fixture *f = *state;
	struct cx cx = core_fixture_cx(f, f->admin);
	struct signing_key *one, *two;
	assert_int_equal(signing_keys_person(&cx, STR("Gabi Gast"), STR("gabi@example.org"), &one),
			 OK);
	assert_int_equal(signing_keys_person(&cx, STR("Gabi Gast"), STR("gabi@example.org"), &two),
			 OK);
	struct certificate_facts first = facts_of(&cx, one), second = facts_of(&cx, two);
	assert_str(first.name, STR("Gabi Gast"));
	assert_str(first.address, STR("gabi@example.org"));
	assert_str(first.organisation, f->portal->settings->name);
	assert_memory_not_equal(first.sha256, second.sha256, 32);
	assert_str(certifier(&cx).name, f->portal->settings->name);
	assert_str(sealer(&cx).name, f->portal->settings->name);
}

static void a_signature_can_be_verified_up_to_the_authority(void **state)
{
	struct core_fixture *f = *state;
	struct cx cx = core_fixture_cx(f, f->admin);
	struct signing_key_view *views;
	struct signing_key *key;
	struct cms_facts facts;
	struct str cms;
	assert_int_equal(all(&cx, &views), 1);
	assert_int_equal(signing_keys_person(&cx, STR("Gabi"), STR_NONE, &key), OK);
	assert_int_equal(cms_sign(key, sum, cx.arena, &cms), OK);
	signing_key_free(key);
	assert_int_equal(
		cms_verify(cms, (const struct str[2]){STR("x"), STR("y")}, cx.arena, &facts), OK);
	assert_int_equal(facts.verdict, CMS_CHANGED);
	assert_true(facts.is_chain_good);
	assert_memory_equal(facts.root_sha256, views[0].facts.sha256, 32);
}

static void it_is_made_anew_when_it_would_end_within_ten_years(void **state)
{
	struct core_fixture *f = *state;
	struct cx cx = core_fixture_cx(f, f->admin);
	struct signing_key_view *views;
	core_fixture_sleep(f, 3650 * DAY_MS);
	core_fixture_reopen(f);
	cx = core_fixture_cx(f, f->admin);
	assert_int_equal(all(&cx, &views), 1);
	core_fixture_sleep(f, 10 * DAY_MS);
	core_fixture_reopen(f);
	cx = core_fixture_cx(f, f->admin);
	assert_int_equal(all(&cx, &views), 2);
	/* The newest issues now; the other is still known. */
	assert_int_equal(certifier(&cx).until_ms, views[0].facts.until_ms);
	assert_true(views[0].facts.until_ms > views[1].facts.until_ms);
	/* Somebody who does not start it again for twenty years. */
	core_fixture_sleep(f, 21 * 365 * DAY_MS);
	struct signing_key *key;
	assert_int_equal(signing_keys_certify(&cx, &key), ERR_UNAVAILABLE);
}

static void *begin_again(void *portal)
{
	return signing_keys_begin(portal) == OK ? portal : NULL;
}

static void two_that_start_at_once_make_one(void **state)
{
	struct core_fixture *f = *state;
	struct cx cx = core_fixture_cx(f, f->admin);
	struct signing_key_view *views;
	pthread_t threads[8];
	store_direct_run(f->url, "DELETE FROM signing_keys");
	for (size_t i = 0; i < 8; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, begin_again, f->portal), 0);
	for (size_t i = 0; i < 8; i++) {
		void *result;
		pthread_join(threads[i], &result);
		assert_non_null(result);
	}
	assert_int_equal(all(&cx, &views), 1);
}

/* ---- somebody who can write the database ---- */

static void a_row_that_was_changed_is_refused(void **state)
{
	static const char *const changes[] = {
		"UPDATE signing_keys SET kind = 1 WHERE kind = 2",
		"UPDATE signing_keys SET created_ms = created_ms + 1 WHERE kind = 1",
		"UPDATE signing_keys SET wrapped = (SELECT wrapped FROM signing_keys WHERE kind = "
		"2) "
		"WHERE kind = 1",
		"UPDATE signing_keys SET certificate = (SELECT certificate FROM signing_keys WHERE "
		"kind = 2) WHERE kind = 1",
		"UPDATE signing_keys SET mac = (SELECT mac FROM signing_keys WHERE kind = 2) WHERE "
		"kind = 1",
	};
	struct core_fixture *f = *state;
	struct cx cx = core_fixture_cx(f, f->admin);
	struct signing_key *key;
	struct certificate_facts facts;
	enum pkcs12_refusal refusal;
	core_fixture_sleep(f, 1000);
	assert_int_equal(signing_keys_import(&cx, real_file(f, "Seal", 100), STR("geheim"), &facts,
					     &refusal),
			 OK);
	store_direct_run(f->url, "CREATE TABLE kept AS SELECT * FROM signing_keys");
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		store_direct_run(f->url, changes[i]);
		if (signing_keys_certify(&cx, &key) != ERR_CORRUPT)
			fail_msg("%s", changes[i]);
		store_direct_run(f->url, "DELETE FROM signing_keys");
		store_direct_run(f->url, "INSERT INTO signing_keys SELECT * FROM kept");
	}
	certifier(&cx);
	assert_int_equal(core_fixture_problems(f), 0);
	store_direct_run(f->url, "UPDATE signing_keys SET wrapped = certificate WHERE kind = 2");
	assert_int_equal(core_fixture_problems(f), 1);
	store_direct_run(f->url, "DELETE FROM signing_keys WHERE kind = 1");
	assert_int_equal(core_fixture_problems(f), 2);
	assert_int_equal(signing_keys_certify(&cx, &key), ERR_CORRUPT);
	store_direct_run(f->url, "DROP TABLE kept");
}

/* ---- a real authority's certificate ---- */

static void an_imported_certificate_seals_until_it_ends(void **state)
{
	struct core_fixture *f = *state;
	struct cx cx = core_fixture_cx(f, f->admin);
	struct certificate_facts facts;
	enum pkcs12_refusal refusal;
	assert_int_equal(signing_keys_import(&cx, real_file(f, "Seal", 100), STR("geheim"), &facts,
					     &refusal),
			 OK);
	assert_str(facts.name, STR("Seal"));
	assert_memory_equal(sealer(&cx).sha256, facts.sha256, 32);
	core_fixture_reopen(f);
	cx = core_fixture_cx(f, f->admin);
	assert_memory_equal(sealer(&cx).sha256, facts.sha256, 32);
	assert_str(certifier(&cx).name, f->portal->settings->name); /* only the seal */
	core_fixture_sleep(f, 101 * DAY_MS);
	assert_str(sealer(&cx).name, f->portal->settings->name);
}

static void what_cannot_be_imported_changes_nothing(void **state)
{
	struct core_fixture *f = *state;
	struct cx cx = core_fixture_cx(f, f->admin);
	struct certificate_facts facts;
	enum pkcs12_refusal refusal;
	struct str file = real_file(f, "Seal", 1);
	assert_int_equal(signing_keys_import(&cx, file, STR("wrong"), &facts, &refusal),
			 ERR_INVALID);
	assert_int_equal(refusal, PKCS12_WRONG_PASSWORD);
	core_fixture_sleep(f, 2 * DAY_MS);
	assert_int_equal(signing_keys_import(&cx, file, STR("geheim"), &facts, &refusal),
			 ERR_INVALID);
	assert_int_equal(refusal, PKCS12_EXPIRED);
	assert_str(sealer(&cx).name, f->portal->settings->name);
	assert_int_equal(signing_keys_forget(&cx), ERR_NOT_FOUND);
}

static void a_key_that_was_replaced_or_forgotten_is_destroyed(void **state)
{
	struct core_fixture *f = *state;
	struct cx cx = core_fixture_cx(f, f->admin);
	struct certificate_facts facts;
	struct signing_key_view *views;
	enum pkcs12_refusal refusal;
	static const char *const names[] = {"First", "Second", "Third"};
	for (size_t i = 0; i < 3; i++) { /* within one millisecond */
		struct str file = real_file(f, names[i], 100);
		assert_int_equal(signing_keys_import(&cx, file, STR("geheim"), &facts, &refusal),
				 OK);
		assert_str(sealer(&cx).name, str_of(names[i]));
	}
	assert_int_equal(signing_keys_forget(&cx), OK);
	assert_str(sealer(&cx).name, f->portal->settings->name);
	assert_int_equal(all(&cx, &views), 4);
	for (size_t i = 1; i < 4; i++) { /* their certificates are still known */
		assert_str(views[i].facts.name, str_of(names[3 - i]));
		assert_true(views[i].ended_ms > 0);
	}
	char *left = store_direct_read(f->url, "SELECT COUNT(*) FROM signing_keys WHERE "
					       "length(wrapped) > 0");
	assert_string_equal(left, "1");
	free(left);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CORE_TEST(a_portal_has_an_authority_from_its_first_opening_on),
		CORE_TEST(each_signature_has_its_own_certificate),
		CORE_TEST(a_signature_can_be_verified_up_to_the_authority),
		CORE_TEST(it_is_made_anew_when_it_would_end_within_ten_years),
		CORE_TEST(two_that_start_at_once_make_one),
		CORE_TEST(a_row_that_was_changed_is_refused),
		CORE_TEST(an_imported_certificate_seals_until_it_ends),
		CORE_TEST(what_cannot_be_imported_changes_nothing),
		CORE_TEST(a_key_that_was_replaced_or_forgotten_is_destroyed),
	};
	if (program_begin(NULL) != 0)
		return 1;
	int failed = engines_test_run("core", tests, sizeof(tests) / sizeof(tests[0]));
	return program_end(NULL) != 0 || failed;
}
