/* What every page shows around its content: names, navigation, a notice; and how a page begins and
 * ends its answer. */
#pragma once

#include "core/policy.h"
#include "http/request.h"
#include "text/html.h"

enum { FRAME_UNREAD_MAX = 99 }; /* more are not counted out */

enum place {
	PLACE_NONE,
	PLACE_INBOX,
	PLACE_SENT,
	PLACE_DRAFTS,
	PLACE_ARCHIVE,
	PLACE_TRASH,
	PLACE_PEOPLE,
	PLACE_FILES,
	PLACE_LABELS,
	PLACE_SEARCH,
	PLACE_COMPOSE,
	PLACE_ACCOUNT,
	PLACE_SIGNATURES,
	PLACE_LEARN,
	/* Administration. */
	PLACE_DASHBOARD,
	PLACE_USERS,
	PLACE_RULES,
	PLACE_SEATS,
	PLACE_TEXTS,
	PLACE_PORTAL_SETTINGS,
	PLACE_BRANDING,
	PLACE_AUDIT,
};

struct frame {
	struct str language; /* tag, for <html lang> */
	struct str portal_name;
	struct str title; /* of the page, without the portal's name */
	enum place place;
	bool is_signed_in;
	bool is_administrator;
	bool may[ACT_COUNT];    /* what the reader may do now: pages show nothing else */
	struct str theme, logo; /* files of the portal's own look (core/branding.h); or empty */
	struct str support;     /* whom to ask for help; or empty */
	int64_t password_min;   /* characters of a new password */
	bool has_breached_check;
	struct str user_name;
	int64_t unread;
	int64_t to_sign;       /* documents that wait for the reader */
	bool has_signatures;   /* a link to them is of use */
	struct str live_since; /* what its content does not know yet is news to it */
	struct str search;     /* what is searched for, in the field of the mailbox pages */
	const char *help;      /* name of the help page about this one; NULL: none in particular */
	struct str notice;     /* what has just been done; empty: nothing */
};

/* Fills the frame for the reader; counts unread messages of a signed-in one. */
enum err frame_init(struct cx *cx, struct str title, enum place place,
		    struct frame *ret) MUST_CHECK;
/* The same without touching the store: for refusals, and for pages that have counted themselves. */
void frame_init_plain(struct cx *cx, struct str title, struct frame *ret);
/* Fills in what waits for the reader's signature; frame_init() does it by itself. */
enum err frame_count_signing(struct cx *cx, struct frame *frame) MUST_CHECK;
/* Where a page function writes. */
struct html frame_html(struct cx *cx, struct response *res);
/* The sentence behind a word of the query ("?done=saved"); empty for other words. */
struct str frame_notice(struct cx *cx, const struct request *req);
