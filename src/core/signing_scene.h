/* For tests: Ada asks Gabi (a guest) and Peter to sign, and Wanda watches; documents are text
 * (core/signing_fake_pdf.c). Include after cmocka.h. */
#pragma once

#include "core/signing_test_support.h"

#define SCENE_ADA "admin@example.com"
#define SCENE_GABI "gabi@example.org"
#define SCENE_PETER "peter@example.org"
#define SCENE_WANDA "wanda@example.org"

struct signing_scene {
	struct core_fixture *f;
	struct session *ada, *gabi, *peter, *wanda;
	struct id file;
	struct signing_field fields[4]; /* g1, g2: Gabi's; p1, p2: Peter's */
	struct signing_plan plan;
	struct draft draft;
	struct id id; /* of what was sent last */
};

/* What they fill in. */
extern const struct signing_value signing_scene_gabis[2], signing_scene_peters[2];

/* Not sent yet: a test may change the plan and the draft. */
void signing_scene_set_up(void **state, struct signing_scene *s);
/* The same, of these signers, who have no fields but the certificate page. */
void signing_scene_set_up_for(void **state, struct signing_scene *s, const char *to,
			      enum signing_order order);
void signing_scene_send(struct signing_scene *s);
/* Set up and sent. */
void signing_scene_begin(void **state, struct signing_scene *s);
void signing_scene_begin_for(void **state, struct signing_scene *s, const char *to,
			     enum signing_order order);
/* A new portal on the same engine; to be set up again. */
void signing_scene_start_again(void **state, enum custody custody);
/* A document of Ada's. */
struct id signing_scene_upload(struct signing_scene *s, const char *name);

/* Signs, with their values where there are fields. */
void signing_scene_sign(struct signing_scene *s, struct session *session);
/* Tries to, with these; field_name NULL: no matter what is said. */
void signing_scene_assert_sign(struct signing_scene *s, struct session *session,
			       const struct signing_value *values, size_t count, enum err expected,
			       const char *field_name, struct str sentence);
struct signing_view signing_scene_get(struct signing_scene *s, struct session *session);
enum signing_state signing_scene_state(struct signing_scene *s);
/* The housekeeper comes. */
void signing_scene_sweep(struct signing_scene *s);
size_t signing_scene_mails(struct signing_scene *s, enum mail_kind kind, const char *address);
size_t signing_scene_mails_about(struct signing_scene *s, const char *address,
				 enum mail_about about);
/* Nothing stored is wrong, and the audit chain holds. */
void signing_scene_assert_whole(struct signing_scene *s);
