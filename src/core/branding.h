/* What the portal looks like (P7): a logo and two colours of the organisation's own. Everything of
 * it is public. Names of files carry a digest of their content, so browsers keep them. */
#pragma once

#include "core/cx.h"
#include "core/form_errors.h"
#include "core/settings_live.h"

/* "theme-0123456789abcdef.css"; empty: the colours are ours. */
struct str branding_theme_name(struct arena *arena, const struct settings *settings);
/* The style sheet itself. */
struct str branding_theme(struct arena *arena, const struct settings *settings);
/* "logo-0123456789abcdef.png"; empty: the logo is ours. */
struct str branding_logo_name(struct arena *arena, const struct settings *settings);
/* Its bytes. ERR_NOT_FOUND: there is none. */
enum err branding_logo(struct cx *cx, const struct settings *settings, struct str *ret) MUST_CHECK;
/* "image/png" or "image/jpeg". */
struct str branding_logo_type(const struct settings *settings);

/* As settings_live_change(), for a name, colours and links; and with a logo: its bytes as uploaded
 * (empty: it stays), or none any more. Mistakes of the logo are errors["logo"]. */
struct branding_change {
	struct setting_change *settings; /* room for one more */
	size_t count;
	int64_t seen_version;
	struct str logo;
	bool removes_logo;
};
enum err branding_save(struct cx *cx, struct branding_change *change,
		       struct form_errors *errors) MUST_CHECK;
