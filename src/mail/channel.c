#include "mail/channel.h"

#include "base/utf8.h"
#include "core/address.h"
#include "mail/letter.h"

#include <stdlib.h>

enum { ADDRESS_ARENA_BYTES = 64 * 1024 };

/* Every server must take our own address: letters beyond ASCII before the @ are for few. */
static enum err parse_from(struct arena *arena, struct str typed, struct address *ret)
{
	struct str text, local;
	TRY(address_parse(arena, typed, ret));
	text = ret->text;
	return str_next(&text, '@', &local) && utf8_is_ascii(local) ? OK : ERR_INVALID;
}

bool channel_takes_from(struct str from)
{
	struct arena arena CLEANUP_ARENA;
	struct address address;
	arena_init(&arena, ADDRESS_ARENA_BYTES);
	return str_is_empty(from) || parse_from(&arena, from, &address) == OK;
}

static enum err choose_from(struct channel *channel, const struct channel_options *options)
{
	struct address address;
	bool is_chosen = !str_is_empty(options->from);
	struct str host = letter_host(options->portal->settings->url);
	struct str from = options->from;
	if (!is_chosen)
		from = arena_printf(&channel->arena, "postern@%.*s", STR_ARGS(host));
	enum err err = parse_from(&channel->arena, from, &address);
	/* A portal that is being tried out at http://127.0.0.1 has no mail domain. */
	if (err == ERR_INVALID && !is_chosen)
		err = parse_from(&channel->arena, STR("postern@localhost"), &address);
	TRY(err);
	channel->from = arena_copy(&channel->arena, address.text);
	return channel->arena.failed ? ERR_UNAVAILABLE : OK;
}

enum err channel_open(const struct channel_options *options, struct channel **ret)
{
	struct transport_options transport = options->transport;
	struct channel *channel = calloc(1, sizeof(*channel));
	if (channel == NULL)
		return ERR_UNAVAILABLE;
	arena_init(&channel->arena, ADDRESS_ARENA_BYTES);
	if (str_is_empty(transport.hello))
		transport.hello = letter_host(options->portal->settings->url);
	enum err err = choose_from(channel, options);
	if (err == OK)
		err = transport_open(&transport, &channel->transport);
	if (err != OK) {
		channel_close(channel);
		return err;
	}
	*ret = channel;
	return OK;
}

void channel_close(struct channel *channel)
{
	if (channel == NULL)
		return;
	transport_close(channel->transport);
	arena_release(&channel->arena);
	free(channel);
}
