#include "core/file_key.h"

#include "crypto/aead.h"
#include "crypto/seal.h"

#include <stdio.h>

/* A right is bound to its message, its file and its reader: three ids, of which the first two name
 * the object. */
struct right_name {
	char text[ID_CHARS + 1 + ID_CHARS + 1];
};

static struct context right_context(const char *purpose, const struct id *message_id,
				    const struct id *file_id, const struct id *user_id,
				    struct right_name *name)
{
	snprintf(name->text, sizeof(name->text), "%s/%s", message_id->text, file_id->text);
	return (struct context){
		.purpose = purpose,
		.object = str_of(name->text),
		.holder = id_str(user_id),
		.version = 1,
	};
}

static struct context owner_context(const struct id *file_id, const struct id *owner_id)
{
	return (struct context){
		.purpose = "file.owner",
		.object = id_str(file_id),
		.holder = id_str(owner_id),
		.version = 1,
	};
}

enum err file_key_wrap_owner(struct cx *cx, const struct id *file_id, const struct secret *key,
			     struct str *ret)
{
	struct context context = owner_context(file_id, &cx->session->user.id);
	return key_wrap(cx->session->mailbox_key, &context, key, cx->arena, ret);
}

enum err file_key_open_owner(struct cx *cx, const struct file *file, struct secret **ret)
{
	struct context context = owner_context(&file->id, &file->owner_id);
	if (!id_eq(&file->owner_id, &cx->session->user.id) || file->owner_wrapped.len == 0)
		return ERR_NOT_FOUND;
	return key_unwrap(cx->session->mailbox_key, &context, file->owner_wrapped, ret);
}

enum err file_key_seal(struct cx *cx, const struct id *message_id, const struct id *file_id,
		       const struct user *user, const struct secret *key, struct str *ret)
{
	struct right_name name;
	struct context context =
		right_context("file.sealed", message_id, file_id, &user->id, &name);
	return seal_key(user->public_key, &context, key, cx->arena, ret);
}

enum err file_key_wrap(struct cx *cx, const struct file_delivery *delivery,
		       const struct secret *mailbox_key, const struct secret *key, struct str *ret)
{
	struct right_name name;
	struct context context = right_context("file.wrapped", &delivery->message_id,
					       &delivery->file_id, &delivery->user_id, &name);
	return key_wrap(mailbox_key, &context, key, cx->arena, ret);
}

enum err file_key_open(const struct file_delivery *delivery, const struct user *user,
		       const struct secret *private_key, const struct secret *mailbox_key,
		       struct secret **ret)
{
	struct right_name name;
	bool is_wrapped = delivery->wrapped.len > 0;
	struct context context =
		right_context(is_wrapped ? "file.wrapped" : "file.sealed", &delivery->message_id,
			      &delivery->file_id, &user->id, &name);
	if (is_wrapped)
		return key_unwrap(mailbox_key, &context, delivery->wrapped, ret);
	return seal_open(private_key, user->public_key, &context, delivery->sealed, ret);
}
