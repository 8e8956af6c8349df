/* What an entry of the audit log says, in plain words: "Ada Admin changed the setting Seats from 10
 * to 50". */
#pragma once

#include "core/audit_log.h"

/* What entries can be looked for by. */
enum audit_group {
	AUDIT_GROUP_ALL,
	AUDIT_GROUP_SIGN_IN,
	AUDIT_GROUP_PEOPLE,
	AUDIT_GROUP_PORTAL, /* rules, settings, texts */
	AUDIT_GROUP_MESSAGES,
	AUDIT_GROUP_SIGNATURES,
	AUDIT_GROUP_KEEPING, /* backups, the log itself */
	AUDIT_GROUPS,
};
/* "sign_in", for addresses and the API; "" of AUDIT_GROUP_ALL. */
const char *audit_group_word(enum audit_group group);
enum text_id audit_group_label(enum audit_group group);
/* The set of its kinds; 0: all. */
int64_t audit_group_kinds(enum audit_group group);
/* ERR_INVALID. */
enum err audit_group_parse(struct str word, enum audit_group *ret) MUST_CHECK;

/* "setting_changed", for the API; "unknown" of a number that was not written here. */
const char *audit_kind_word(enum audit_kind kind);

/* who: what they are called; whom: the user that it was done to, empty where the subject says it.
 */
struct str audit_sentence(struct cx *cx, const struct audit_view *view, struct str who,
			  struct str whom);
