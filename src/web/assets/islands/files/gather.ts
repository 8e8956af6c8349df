/** Files out of what somebody drops or pastes, folders opened. */

const LITTER = new Set(['.ds_store', 'thumbs.db', 'desktop.ini']); // what systems leave in folders

export const isLitter = (file: File): boolean => LITTER.has(file.name.toLowerCase());

const inOrder = new Intl.Collator(document.documentElement.lang, { numeric: true }).compare;

/** Folders come in whatever order the disk has them; people expect 2 before 10. */
export const ordered = (files: File[]): File[] =>
	[...files].sort((a, b) => inOrder(a.webkitRelativePath || a.name, b.webkitRelativePath || b.name));

/** At most `most` and one more, so that too many are noticed. */
export async function filesOf(transfer: DataTransfer, most: number): Promise<File[]> {
	// Both have to be asked for at once: after the event they are empty.
	const plain = [...transfer.files];
	const entries = [...transfer.items].map(item => item.webkitGetAsEntry?.() ?? null);
	if (!entries.some(entry => entry?.isDirectory)) return plain;
	const files: File[] = [];
	for (const entry of entries) if (entry) await gather(entry, files, most);
	return files;
}

async function gather(entry: FileSystemEntry, files: File[], most: number): Promise<void> {
	if (files.length > most) return;
	if (entry.isFile) {
		const file = await new Promise<File | null>(resolve => (entry as FileSystemFileEntry).file(resolve, () => resolve(null)));
		if (file && !isLitter(file)) files.push(file);
		return;
	}
	const reader = (entry as FileSystemDirectoryEntry).createReader();
	const children: FileSystemEntry[] = [];
	for (;;) {
		// It gives them in portions, an empty one at the end.
		const portion = await new Promise<FileSystemEntry[]>(resolve => reader.readEntries(resolve, () => resolve([])));
		if (portion.length === 0) break;
		children.push(...portion);
	}
	children.sort((a, b) => inOrder(a.name, b.name));
	for (const child of children) await gather(child, files, most);
}

/** Pictures have no name of their own there. */
export function namedPicture(file: File, name: string): File {
	return /^image\.\w+$/.test(file.name) ? new File([file], `${name}.${file.name.split('.').at(-1)}`, { type: file.type, lastModified: file.lastModified }) : file;
}
