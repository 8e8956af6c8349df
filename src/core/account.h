/* What people change about themselves, and how they come back after forgetting their password. */
#pragma once

#include "core/session.h"

/* ERR_INVALID with errors["name"]. */
enum err account_rename(struct cx *cx, struct str name, struct form_errors *errors) MUST_CHECK;
/* Needs the current password; ends all other sessions. ERR_INVALID with errors: "current",
 * "password". ERR_BUSY: too many tries. */
enum err account_change_password(struct cx *cx, struct str current, struct str password,
				 struct form_errors *errors) MUST_CHECK;
/* A new recovery code (the old one stops working), shown once. Needs the password:
 * errors["current"]. */
enum err account_new_recovery_code(struct cx *cx, struct str current, struct str *ret_code,
				   struct form_errors *errors) MUST_CHECK;
/* Language tag and IANA zone. errors: "language", "zone". */
enum err account_set_locale(struct cx *cx, struct str language, struct str zone,
			    struct form_errors *errors) MUST_CHECK;

/* Somebody cannot sign in: mails a reset link to an active user, a fresh invitation to a pending
 * one, nothing to others; same answer and same work for all. ERR_INVALID with errors["address"]
 * only when it is no address; ERR_BUSY when too much was asked from this network. */
enum err account_ask_help(struct cx *cx, struct str address, struct form_errors *errors) MUST_CHECK;

struct reset_view {
	bool is_good; /* false: used or expired */
	struct str address;
	bool needs_recovery_code; /* strict custody */
};
/* ERR_NOT_FOUND: never was a reset link. Writes nothing. */
enum err account_reset_look(struct cx *cx, struct str token, struct reset_view *ret) MUST_CHECK;
/* New password; all sessions end, a new one begins. errors: "password", "recovery_code".
 * ERR_CONFLICT: used or expired. */
enum err account_reset(struct cx *cx, struct str token, struct str password,
		       struct str recovery_code, enum session_kind kind, struct str user_agent,
		       struct sign_in *ret, struct form_errors *errors) MUST_CHECK;
