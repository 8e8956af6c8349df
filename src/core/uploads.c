#include "core/uploads.h"

#include "base/clock.h"
#include "base/limits.h"
#include "core/upload_running.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

enum { LOOK_EVERY_MS = 20 };

struct uploads {
	pthread_mutex_t lock; /* of the list, and of what upload_running.h says */
	struct upload *first;
	int awaited; /* rivals that somebody waits for: a worker each */
};

enum err uploads_new(struct uploads **ret)
{
	struct uploads *uploads = calloc(1, sizeof(*uploads));
	if (uploads == NULL)
		return ERR_UNAVAILABLE;
	pthread_mutex_init(&uploads->lock, NULL);
	*ret = uploads;
	return OK;
}

void uploads_free(struct uploads *uploads)
{
	if (uploads == NULL)
		return;
	pthread_mutex_destroy(&uploads->lock);
	free(uploads);
}

/* ---- the list; the lock is held ---- */

static struct upload *find(const struct uploads *uploads, const struct id *file_id)
{
	struct upload *at = uploads->first;
	while (at && (at->is_over || !id_eq(&at->file_id, file_id)))
		at = at->next;
	return at;
}

static int count_of_user(const struct uploads *uploads, const struct id *user_id)
{
	int count = 0;
	for (const struct upload *at = uploads->first; at; at = at->next)
		count += id_eq(&at->rights.user_id, user_id);
	return count;
}

static void unlink_upload(struct uploads *uploads, const struct upload *upload)
{
	struct upload **at = &uploads->first;
	while (*at && *at != upload)
		at = &(*at)->next;
	if (*at)
		*at = upload->next;
}

static void release(struct uploads *uploads, struct upload *upload)
{
	pthread_mutex_lock(&uploads->lock);
	bool is_last = --upload->references == 0;
	pthread_mutex_unlock(&uploads->lock);
	if (is_last)
		upload_running_free(upload);
}

/* ---- rivals ---- */

/* Pieces taken, and bytes that have arrived since. */
static int64_t progress(struct uploads *uploads, const struct upload *upload)
{
	pthread_mutex_lock(&uploads->lock);
	int64_t bytes = upload->received ? (int64_t)*upload->received : 0;
	pthread_mutex_unlock(&uploads->lock);
	return upload->taken + bytes;
}

static bool is_alive(struct uploads *uploads, const struct upload *rival)
{
	const struct timespec pause = {.tv_nsec = LOOK_EVERY_MS * 1000000L};
	int64_t before = progress(uploads, rival);
	int64_t until_ms = clock_monotonic_ms() + LIMIT_UPLOAD_RIVAL_MS;
	while (!rival->is_over && clock_monotonic_ms() < until_ms) {
		nanosleep(&pause, NULL);
		if (!rival->is_over && progress(uploads, rival) != before)
			return true;
	}
	return rival->is_finishing;
}

/* With the lock held, which it gives up meanwhile. One waits for each, and few in all: a crowd
 * would hold all workers. */
static enum err settle(struct uploads *uploads, struct upload *rival)
{
	if (rival->is_awaited || uploads->awaited >= LIMIT_UPLOAD_RIVALS_AWAITED)
		return ERR_BUSY;
	uploads->awaited++;
	rival->is_awaited = true;
	rival->references++;
	pthread_mutex_unlock(&uploads->lock);
	bool is_rival = is_alive(uploads, rival);
	if (!is_rival)
		upload_running_settle(rival);
	pthread_mutex_lock(&uploads->lock);
	uploads->awaited--;
	rival->is_awaited = false;
	pthread_mutex_unlock(&uploads->lock);
	release(uploads, rival);
	pthread_mutex_lock(&uploads->lock);
	return is_rival ? ERR_BUSY : OK;
}

static enum err settle_all(struct uploads *uploads, const struct id *file_id)
{
	struct upload *rival;
	while ((rival = find(uploads, file_id)) != NULL)
		TRY(settle(uploads, rival));
	return OK;
}

enum err uploads_settle(struct uploads *uploads, const struct id *file_id)
{
	pthread_mutex_lock(&uploads->lock);
	enum err err = settle_all(uploads, file_id);
	pthread_mutex_unlock(&uploads->lock);
	return err;
}

enum err uploads_enter(struct uploads *uploads, struct upload *upload)
{
	pthread_mutex_lock(&uploads->lock);
	enum err err = settle_all(uploads, &upload->file_id);
	if (err == OK && count_of_user(uploads, &upload->rights.user_id) >= LIMIT_UPLOADS_PER_USER)
		err = ERR_UNAVAILABLE;
	if (err == OK) {
		upload->next = uploads->first;
		uploads->first = upload;
	}
	pthread_mutex_unlock(&uploads->lock);
	return err;
}

void uploads_follow(struct uploads *uploads, struct upload *upload,
		    const _Atomic uint64_t *received)
{
	pthread_mutex_lock(&uploads->lock);
	upload->received = received;
	pthread_mutex_unlock(&uploads->lock);
}

enum err uploads_stop(struct uploads *uploads, const struct id *file_id)
{
	pthread_mutex_lock(&uploads->lock);
	struct upload *upload = find(uploads, file_id);
	bool is_finishing = upload && upload->is_finishing;
	if (upload && !is_finishing)
		upload->references++;
	pthread_mutex_unlock(&uploads->lock);
	if (upload == NULL || is_finishing)
		return is_finishing ? ERR_BUSY : OK;
	upload_running_stop(upload);
	release(uploads, upload);
	return OK;
}

void uploads_leave(struct uploads *uploads, struct upload *upload)
{
	pthread_mutex_lock(&uploads->lock);
	unlink_upload(uploads, upload);
	upload->received = NULL;
	pthread_mutex_unlock(&uploads->lock);
	upload_running_stop(upload);
	release(uploads, upload);
}
