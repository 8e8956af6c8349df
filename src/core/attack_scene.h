/* For tests: a portal with people and messages worth attacking, and SQL that names them. */
#pragma once

#include "core/core_fixture.h"

#define ATTACK_SCENE_SUBJECT STR("Results of the blood test")
#define ATTACK_SCENE_BODY STR("The value was 4711.")

struct attack_scene {
	struct core_fixture *f;
	struct sign_in admin, gabi, mallory;
	struct sent to_gabi;    /* from the administrator, unread */
	struct sent to_mallory; /* from the administrator, unread */
	struct sent read;       /* from the administrator to Gabi, read */
	struct str invitation;  /* token of ivo@example.com, who has not registered */
};

void attack_scene_set(struct attack_scene *s, struct core_fixture *f);
/* {gabi}, {to_gabi} and so on in the SQL stand for ids. Good until the next call. */
const char *attack_scene_sql(const struct attack_scene *s, const char *sql);
void attack_scene_run(const struct attack_scene *s, const char *sql);
/* Whether there is an alarm in the log. Fails the test when a secret is. */
bool attack_scene_is_alarm(const char *log);
