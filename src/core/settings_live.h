/* The settings of a running portal: read when it starts, and again when somebody has changed them,
 * here or in another process. `portal->settings` points to the newest values; who has read the
 * pointer once goes on with those values, which stay until the portal is closed: settings change
 * seldom, and requests never wait for it. */
#pragma once

#include "core/cx.h"
#include "core/form_errors.h"

/* Of a portal that is opened. */
enum err settings_live_begin(struct portal *portal) MUST_CHECK;
/* Without the database, of a portal that is being made; and for tests. Strings stay the caller's.
 */
enum err settings_live_set(struct portal *portal, const struct settings *settings) MUST_CHECK;
void settings_live_end(struct portal *portal);

/* Reads them again if they have changed since. A cheap look when they have not. */
enum err settings_live_refresh(struct portal *portal) MUST_CHECK;

/* A value as typed. */
struct setting_change {
	struct str name; /* "invitation_days" */
	struct str value;
};
/* All of them or none, and in the audit log, old and new. seen_version: of the values that whoever
 * changes them had before their eyes (settings_live_version()); 0: whatever they were. What is the
 * same as before is no change. ERR_DENIED: not an administrator (without a session: a command on
 * the machine, which may). ERR_CONFLICT: somebody else has changed them since. ERR_INVALID with
 * errors by the settings' names. */
enum err settings_live_change(struct cx *cx, const struct setting_change *changes, size_t count,
			      int64_t seen_version, struct form_errors *errors) MUST_CHECK;
/* Only says what is wrong with them. */
enum err settings_live_check(struct cx *cx, const struct setting_change *changes, size_t count,
			     struct form_errors *errors) MUST_CHECK;
/* Counts changes; of the values in use. */
int64_t settings_live_version(const struct portal *portal);
