/* Which downloads run, and how they are cut when the right to one ends. */
#include "core/downloading.h"

#include <stdlib.h>

struct downloads {
	pthread_mutex_t lock;
	struct download *first;
	int64_t round; /* counts the calls of download_check_rights() */
};

enum err downloads_new(struct downloads **ret)
{
	struct downloads *downloads = calloc(1, sizeof(*downloads));
	if (downloads == NULL)
		return ERR_UNAVAILABLE;
	pthread_mutex_init(&downloads->lock, NULL);
	*ret = downloads;
	return OK;
}

void downloads_free(struct downloads *downloads)
{
	if (downloads == NULL)
		return;
	pthread_mutex_destroy(&downloads->lock);
	free(downloads);
}

void download_register(struct download *download)
{
	struct downloads *downloads = download->portal->downloads;
	pthread_mutex_lock(&downloads->lock);
	download->references = 1;
	download->round = downloads->round;
	download->next = downloads->first;
	if (downloads->first)
		downloads->first->previous = download;
	downloads->first = download;
	pthread_mutex_unlock(&downloads->lock);
}

static void take_out(struct downloads *downloads, struct download *download)
{
	if (download->previous)
		download->previous->next = download->next;
	else
		downloads->first = download->next;
	if (download->next)
		download->next->previous = download->previous;
}

static void give_back(struct downloads *downloads, struct download *download)
{
	pthread_mutex_lock(&downloads->lock);
	bool is_last = --download->references == 0;
	if (is_last)
		take_out(downloads, download);
	pthread_mutex_unlock(&downloads->lock);
	if (is_last)
		download_dispose(download);
}

void download_unregister(struct download *download)
{
	/* Waits for a cut that is being made. */
	pthread_mutex_lock(&download->lock);
	download->is_closed = true;
	pthread_mutex_unlock(&download->lock);
	give_back(download->portal->downloads, download);
}

void download_watch(struct download *download, void (*cut)(void *argument), void *argument)
{
	pthread_mutex_lock(&download->lock);
	download->cut = cut;
	download->argument = argument;
	pthread_mutex_unlock(&download->lock);
}

/* The next one of this user that was not looked at in this round. */
static struct download *take_next(struct downloads *downloads, const struct id *user_id,
				  int64_t round)
{
	pthread_mutex_lock(&downloads->lock);
	struct download *at = downloads->first;
	while (at && (at->round >= round || !id_eq(&at->right.user_id, user_id)))
		at = at->next;
	if (at) {
		at->round = round;
		at->references++;
	}
	pthread_mutex_unlock(&downloads->lock);
	return at;
}

/* A download that is just being made looks by itself before its next piece; one whose client is
 * slow would do so much later. */
static void look_at(struct download *download)
{
	pthread_mutex_lock(&download->lock);
	download->must_check = true;
	pthread_mutex_unlock(&download->lock);
	if (download_check(download) == OK)
		return;
	pthread_mutex_lock(&download->lock);
	if (download->cut && !download->is_closed)
		download->cut(download->argument);
	download->cut = NULL;
	pthread_mutex_unlock(&download->lock);
}

void download_check_rights(struct portal *portal, const struct id *user_id)
{
	struct downloads *downloads = portal->downloads;
	struct download *download;
	pthread_mutex_lock(&downloads->lock);
	int64_t round = ++downloads->round;
	pthread_mutex_unlock(&downloads->lock);
	while ((download = take_next(downloads, user_id, round))) {
		look_at(download);
		give_back(downloads, download);
	}
}
