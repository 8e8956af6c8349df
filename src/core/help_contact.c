#include "core/help_contact.h"

struct str help_contact(const struct cx *cx)
{
	const struct settings *settings = cx->portal->settings;
	if (settings->support.len > 0)
		return settings->support;
	return TEXT_FILL(cx->arena, cx->language, TEXT_SITE_ADMINISTRATOR,
			 TEXT_ARG("portal", settings->name));
}
