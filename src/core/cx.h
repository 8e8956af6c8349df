/* The context of one request or job; the first argument of everything in core/. */
#pragma once

#include "base/arena.h"
#include "core/portal.h"
#include "text/text.h"

struct session;

struct cx {
	struct arena *arena;
	struct portal *portal;
	struct session *session;         /* who is acting; NULL: nobody is signed in */
	const struct language *language; /* of the reader */
	struct str request_id;
	const char *
		route; /* the path of the route asked for ("/message/{id}"); NULL: none, or a job */
	struct str remote; /* network address of the client, as text; empty for a job */
	/* The confidential message whose reader has just given their password for it
	   (mailbox_confirm); empty: none. */
	struct id confirmed;
	struct str live_since; /* what had happened before anything was read (core/live.h) */
	bool is_background;    /* the page asks by itself: no sign that somebody is there */
	struct str device; /* signing in: what the browser was given last time (core/device.h) */
};

static inline int64_t cx_now_ms(const struct cx *cx)
{
	return clock_now_ms(cx->portal->clock);
}
