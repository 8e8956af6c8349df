/* Shared by the tests of options, forwards and expiry (P4.2): people, and what they do. Include
 * after cmocka.h. */
#pragma once

#include "core/core_test_support.h"
#include "store/store_direct.h"

#include <stdlib.h>
#include <string.h>

#define BEN STR("ben@example.com")
#define CARA STR("cara@example.com")
#define GABI STR("gabi@example.org")
#define HUGO STR("hugo@example.org")

static struct session *ben, *cara, *gabi, *hugo __attribute__((unused));

static inline void meet(struct core_fixture *f)
{
	ben = core_fixture_person(f, BEN, STR("Ben"), GRADE_PROFESSIONAL);
	cara = core_fixture_person(f, CARA, STR("Cara"), GRADE_PROFESSIONAL);
	gabi = core_fixture_person(f, GABI, STR("Gabi"), GRADE_GUEST);
	hugo = core_fixture_person(f, HUGO, STR("Hugo"), GRADE_GUEST);
	core_fixture_sleep(f, SECOND_MS);
}

static inline struct id send(struct core_fixture *f, struct session *session,
			     const struct draft *draft)
{
	struct sent sent;
	struct form_errors errors = {0};
	enum err err = core_fixture_try_send(f, session, draft, &sent, &errors);
	if (err != OK)
		fail_msg("%s: %.*s", err_name(err), STR_ARGS(errors.items[0].detail));
	core_fixture_sleep(f, 1);
	return sent.id;
}

static inline struct id send_with(struct core_fixture *f, struct session *from, struct str to,
				  unsigned options, struct str expires)
{
	const struct draft draft = {.to = to,
				    .subject = STR("Report"),
				    .body = STR("The secret"),
				    .options = options,
				    .expires = expires};
	return send(f, from, &draft);
}

/* An answer, to whom the core itself proposes. */
static inline enum err answer(struct core_fixture *f, struct session *session, const struct id *id,
			      bool is_to_all, struct form_errors *errors, struct sent *ret)
{
	struct cx cx = core_fixture_cx(f, session);
	struct draft draft;
	assert_int_equal(message_reply_draft(&cx, id, is_to_all, &draft), OK);
	draft.body = STR("Thank you");
	return core_fixture_try_send(f, session, &draft, ret, errors);
}

static inline enum err forward(struct core_fixture *f, struct session *session, const struct id *id,
			       struct str to, struct form_errors *errors, struct sent *ret)
{
	const struct draft draft = {.to = to, .subject = STR("Fwd: Report"), .forward_of = *id};
	enum err err = core_fixture_try_send(f, session, &draft, ret, errors);
	core_fixture_sleep(f, 1);
	return err;
}

static inline struct id forwarded(struct core_fixture *f, struct session *session,
				  const struct id *id, struct str to)
{
	struct form_errors errors = {0};
	struct sent sent;
	enum err err = forward(f, session, id, to, &errors, &sent);
	if (err != OK)
		fail_msg("%s: %.*s", err_name(err), STR_ARGS(errors.items[0].detail));
	return sent.id;
}

static inline void assert_refused(enum err err, enum err expected, const struct form_errors *errors,
				  const char *field, enum text_id sentence)
{
	struct str said = form_errors_for(errors, field);
	if (err != expected || errors->count != 1 ||
	    !str_eq(said, text_get(language_find(STR("en")), sentence)))
		fail_msg("%s, %zu: %.*s", err_name(err), errors->count, STR_ARGS(said));
}

static inline int64_t count(struct core_fixture *f, const char *sql)
{
	char *value = store_direct_read(f->url, sql);
	int64_t number = value ? strtoll(value, NULL, 10) : -1;
	free(value);
	return number;
}
