#include "web/user_agent.h"

/* The first that is found counts: Edge also says Chrome, Chrome also says Safari. */
static const struct mark {
	struct str part;
	const char *name;
} browsers[] =
	{
		{STR("Edg"), "Edge"},
		{STR("OPR/"), "Opera"},
		{STR("SamsungBrowser"), "Samsung Internet"},
		{STR("Firefox/"), "Firefox"},
		{STR("FxiOS"), "Firefox"},
		{STR("CriOS"), "Chrome"},
		{STR("Chrome/"), "Chrome"},
		{STR("Safari/"), "Safari"},
		{STR("curl/"), "curl"},
},
  systems[] = {
	  {STR("iPhone"), "iPhone"},   {STR("iPad"), "iPad"},     {STR("Android"), "Android"},
	  {STR("Windows"), "Windows"}, {STR("CrOS"), "ChromeOS"}, {STR("Mac OS X"), "macOS"},
	  {STR("Linux"), "Linux"},
};

static struct str find(struct str user_agent, const struct mark *marks, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (str_find(user_agent, marks[i].part) >= 0)
			return str_of(marks[i].name);
	}
	return STR_NONE;
}

struct str user_agent_label(struct cx *cx, struct str user_agent)
{
	struct str browser = find(user_agent, browsers, sizeof browsers / sizeof browsers[0]);
	struct str system = find(user_agent, systems, sizeof systems / sizeof systems[0]);
	if (browser.len == 0 && system.len == 0)
		return text_get(cx->language, TEXT_ACCOUNT_UNKNOWN_DEVICE);
	if (browser.len == 0)
		browser = text_get(cx->language, TEXT_ACCOUNT_A_BROWSER);
	if (system.len == 0)
		return browser;
	return TEXT_FILL(cx->arena, cx->language, TEXT_ACCOUNT_BROWSER_ON,
			 TEXT_ARG("browser", browser), TEXT_ARG("system", system));
}
