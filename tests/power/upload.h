/* Files of the portal whose power is cut: each is sent in three requests, and what was acknowledged
 * must be there afterwards, byte for byte. */
#pragma once

#include "power/ledger.h"

#include "core/session.h"

/* Sends one; tells after each request how far it is. */
enum err upload_one(struct cx *cx,
		    void (*tell)(void *argument, const struct id *id, int64_t offset),
		    void *argument) MUST_CHECK;
/* *ret_fault: what became of the promise; NULL: it was kept. cx: whose file it is. */
enum err upload_look(struct cx *cx, const struct upload_promise *promise,
		     const char **ret_fault) MUST_CHECK;
