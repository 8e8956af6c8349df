#include "core/attack_scene.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/core_test_support.h"
#include "store/store_direct.h"

enum { SQL_BYTES = 8192 };

static struct sign_in sign_in(struct core_fixture *f, struct str address)
{
	struct sign_in begun;
	assert_int_equal(core_test_sign_in(f, address, CORE_FIXTURE_PASSWORD, &begun), OK);
	return begun;
}

void attack_scene_set(struct attack_scene *s, struct core_fixture *f)
{
	s->f = f;
	core_fixture_person(f, STR("gabi@example.com"), STR("Gabi"), GRADE_GUEST);
	core_fixture_person(f, STR("mallory@example.com"), STR("Mallory"), GRADE_GUEST);
	s->admin = sign_in(f, STR("admin@example.com"));
	s->gabi = sign_in(f, STR("gabi@example.com"));
	s->mallory = sign_in(f, STR("mallory@example.com"));
	core_fixture_sleep(f, SECOND_MS);
	s->to_gabi = core_fixture_send(f, f->admin, STR("gabi@example.com"), ATTACK_SCENE_SUBJECT,
				       ATTACK_SCENE_BODY);
	core_fixture_sleep(f, SECOND_MS);
	s->to_mallory = core_fixture_send(f, f->admin, STR("mallory@example.com"), STR("Hello"),
					  STR("Nothing secret."));
	core_fixture_sleep(f, SECOND_MS);
	const struct draft strict = {.to = STR("gabi@example.com"),
				     .subject = ATTACK_SCENE_SUBJECT,
				     .body = ATTACK_SCENE_BODY,
				     .options = OPTION_NO_FORWARD,
				     .expires = STR("2030-12-31")};
	assert_int_equal(core_fixture_try_send(f, f->admin, &strict, &s->read, NULL), OK);
	core_fixture_open(f, s->gabi.session, &s->read.id);
	core_fixture_sleep(f, SECOND_MS);
	core_fixture_send(f, f->admin, STR("ivo@example.com"), ATTACK_SCENE_SUBJECT,
			  ATTACK_SCENE_BODY);
	s->invitation = core_fixture_token(f, MAIL_INVITATION, STR("ivo@example.com"));
	core_fixture_rule(f, STR("bad.example"), false, 0);
	assert_int_equal(core_fixture_problems(f), 0);
}

const char *attack_scene_sql(const struct attack_scene *s, const char *sql)
{
	static char out[SQL_BYTES];
	const struct {
		const char *word;
		const char *id;
	} words[] = {
		{"{gabi}", s->gabi.session->user.id.text},
		{"{mallory}", s->mallory.session->user.id.text},
		{"{admin}", s->f->admin->user.id.text},
		{"{gabis_session}", s->gabi.session->id.text},
		{"{mallorys_session}", s->mallory.session->id.text},
		{"{to_gabi}", s->to_gabi.id.text},
		{"{to_mallory}", s->to_mallory.id.text},
		{"{read}", s->read.id.text},
	};
	size_t used = 0;
	while (*sql) {
		size_t taken = 0;
		for (size_t i = 0; i < sizeof(words) / sizeof(words[0]) && *sql == '{'; i++) {
			if (strncmp(sql, words[i].word, strlen(words[i].word)) != 0)
				continue;
			used += (size_t)snprintf(out + used, sizeof(out) - used, "%s", words[i].id);
			taken = strlen(words[i].word);
		}
		if (taken == 0)
			out[used++] = *sql;
		sql += taken ? taken : 1;
		assert_true(used < sizeof(out) - 1);
	}
	out[used] = '\0';
	return out;
}

void attack_scene_run(const struct attack_scene *s, const char *sql)
{
	store_direct_run(s->f->url, attack_scene_sql(s, sql));
}

bool attack_scene_is_alarm(const char *log)
{
	assert_null(strstr(log, "value was"));
	return strstr(log, " alarm ") != NULL;
}
