import { find, findAll } from '../dom';
import { Documents } from './documents';
import { filesOf, isLitter, namedPicture, ordered } from './gather';
import { chooseFromLibrary, type LibraryFile } from './library';
import { Row } from './row';
import { SendGate } from './send';
import { isSameFile, Transfer } from './transfer';
import { Teller } from './tell';
import { endingOf, numbered, Words } from './words';

const AT_ONCE = 3;
const SHOW_MS = 250;

/** The files of a message that is being written. */
export class FileList {
	private readonly words: Words;
	private readonly list: HTMLElement;
	private readonly template: HTMLTemplateElement;
	private readonly gate: SendGate;
	private readonly tell: Teller;
	private readonly documents: Documents;
	private rows: Row[] = [];
	private showing: number | undefined;
	private chosen: Row | undefined; // whose file is being chosen again

	constructor(private readonly form: HTMLFormElement, private readonly area: HTMLElement) {
		this.words = new Words(area.dataset);
		this.list = find('.file-list', area)!;
		this.template = find<HTMLTemplateElement>('template[data-row]', area)!;
		this.gate = new SendGate(form, this.words);
		this.documents = new Documents(form, this.words, () => this.show());
		this.tell = new Teller(find('[data-said]', area)!, find('[data-mistake]', area)!, this.words);
	}

	start(): void {
		for (const element of findAll('.file', this.list)) this.rows.push(new Row(element, this.words));
		this.area.addEventListener('click', event => this.clicked(event));
		this.offerInputs();
		this.takeDrops();
		document.addEventListener('paste', event => this.pasted(event));
		addEventListener('beforeunload', event => { if (this.rows.some(row => row.standing === 'moving') && !this.gate.isSending) event.preventDefault(); });
		this.gate.start(() => this.rows);
		this.documents.listen(() => this.becomeDocuments());
		if (this.documents.isOn) this.becomeDocuments();
		this.show();
		for (const row of this.rows) if (row.isUnfinished) void row.look();
	}

	/** The same files are looked at by other rules now. */
	private becomeDocuments(): void {
		for (const row of this.rows) {
			if (row.isRefused && row.isLasting) continue;
			row.remark = '';
			row.refuse(this.documents.refusalOf(row.name, row.bytes));
			if (row.held && !row.isRefused) {
				row.transfer = new Transfer(row.held, row.name, () => this.changed(row));
				row.held = undefined;
			}
			void this.documents.look(row);
		}
		this.tell.show('');
		this.startNext();
		this.show();
	}

	/* ---- where they come from ---- */

	private offerInputs(): void {
		for (const input of findAll<HTMLInputElement>('input[type=file]', this.area))
			input.addEventListener('change', () => {
				const chosen = [...input.files ?? []];
				const files = input.webkitdirectory ? ordered(chosen).filter(file => !isLitter(file)) : chosen;
				input.value = '';
				this.add(files, this.chosen);
				if (input.webkitdirectory && files.length === 0) this.tell.show(this.words.say('emptyFolder'));
				this.chosen = undefined;
			});
		for (const hidden of findAll('[data-script]', this.area)) hidden.hidden = false;
	}

	private takeDrops(): void {
		const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;
		let depth = 0;
		const show = (now: number) => {
			depth = Math.max(0, now);
			document.body.classList.toggle('is-dropping', depth > 0);
		};
		addEventListener('dragenter', event => { if (hasFiles(event)) show(depth + 1); });
		addEventListener('dragleave', event => { if (hasFiles(event)) show(depth - 1); });
		addEventListener('dragover', event => { if (hasFiles(event)) event.preventDefault(); });
		addEventListener('drop', event => {
			show(0);
			if (!hasFiles(event) || !event.dataTransfer) return;
			event.preventDefault();
			void filesOf(event.dataTransfer, this.most).then(files => {
				this.add(files);
				if (files.length === 0) this.tell.show(this.words.say('emptyFolder'));
				this.area.scrollIntoView({ block: 'nearest' });
			});
		});
	}

	/** Pictures; text that was copied with one is meant as text. */
	private pasted(event: ClipboardEvent): void {
		const data = event.clipboardData;
		if (!data || data.files.length === 0 || data.types.includes('text/plain') || find('dialog[open]')) return;
		event.preventDefault();
		const now = new Date(Date.now() - new Date().getTimezoneOffset() * 60_000).toISOString();
		const name = this.words.say('picture', { time: now.slice(0, 19).replace('T', ' ').replaceAll(':', '.') });
		this.add([...data.files].map(file => namedPicture(file, name)));
	}

	/* ---- what is done with them ---- */

	private get most(): number {
		return this.words.number('most');
	}

	/** `instead`: the unfinished row whose file this is, as its owner says. */
	private add(files: File[], instead?: Row): void {
		const taken = this.rows.filter(row => row !== instead).map(row => row.name.toLowerCase());
		const names = new Set(taken);
		const room = this.most - this.rows.filter(row => !row.isRefused).length;
		const [only] = files;
		this.tell.show('');
		if (instead && only && this.goOn(instead, only)) return;
		if (files.length > room) return this.tell.show(this.words.say('tooMany'));
		for (const file of files) {
			const unfinished = this.rows.find(row => row.isUnfinished && row.name === file.name);
			if (unfinished && this.goOn(unfinished, file)) continue;
			const name = numbered(file.name, names);
			names.add(name.toLowerCase());
			this.addOne(file, name);
		}
		this.show();
		this.startNext();
	}

	private addOne(file: File, name: string): void {
		const row = Row.make(this.template, this.words, name, file.size);
		const lasting = this.refusalOf(file);
		const refusal = lasting || this.documents.refusalOf(name, file.size);
		this.rows.push(row);
		this.list.append(row.element);
		if (refusal) {
			row.isLasting = lasting !== '';
			if (!lasting) row.held = file;
			row.refuse(refusal);
			this.tell.say(`${name}: ${refusal}`);
		} else {
			row.transfer = new Transfer(file, name, () => this.changed(row));
			row.show();
		}
	}

	/** Told before a byte is sent. */
	private refusalOf(file: File): string {
		const { words } = this;
		const ending = endingOf(file.name);
		const banned = (this.area.dataset.banned ?? '').split(/[\s,]+/).filter(Boolean);
		const bytes = this.rows.filter(row => !row.isRefused).reduce((sum, row) => sum + row.bytes, 0);
		const added = this.rows.filter(row => row.isNew).reduce((sum, row) => sum + row.bytes, 0);
		const left = words.number('leftBytes');
		if (banned.includes(ending)) return words.say('banned', { ending });
		if (file.size > words.number('fileBytes')) return words.say('tooLarge');
		if (bytes + file.size > words.number('messageBytes')) return words.say('tooLargeMessage');
		if (left >= 0 && added + file.size > left) return words.say('quota');
		return '';
	}

	/** Goes on where an upload stopped, or begins again if it is not surely the same file. */
	private goOn(row: Row, file: File): boolean {
		if (file.size !== row.bytes || file.name !== row.name) {
			if (row === this.chosen) this.tell.show(this.words.say('another', { name: row.name }));
			return row === this.chosen;
		}
		const id = row.id;
		const isSame = isSameFile(id, file);
		row.transfer = new Transfer(file, row.name, () => this.changed(row), isSame ? id : undefined);
		if (!isSame) {
			delete row.element.dataset.file;
			find('input[name=file]', row.element)?.remove();
			void fetch(`/files/${id}`, { method: 'DELETE', headers: { 'Tus-Resumable': '1.0.0' } }).catch(() => undefined);
		}
		row.show();
		this.startNext();
		return true;
	}

	private startNext(): void {
		const running = this.rows.filter(row => row.transfer?.state === 'running' || row.transfer?.state === 'broken').length;
		const next = this.rows.filter(row => row.transfer?.state === 'waiting').slice(0, Math.max(0, AT_ONCE - running));
		for (const row of next) row.transfer?.start();
	}

	private clicked(event: Event): void {
		const button = (event.target as Element).closest<HTMLButtonElement>('button');
		if (!button) return;
		const attach = button.dataset.attach;
		if (attach) event.preventDefault();
		if (attach === 'files' || attach === 'folder') this.choose(attach);
		if (attach === 'library') void chooseFromLibrary(this.area, this.words, files => this.attach(files));
		const row = this.rows.find(one => one.element.contains(button));
		if (row && button.dataset.act) {
			event.preventDefault();
			this.act(row, button.dataset.act);
		}
	}

	private choose(what: string): void {
		find<HTMLInputElement>(`input[data-choose=${what}]`, this.area)?.click();
	}

	private act(row: Row, act: string): void {
		const { transfer } = row;
		if (act === 'remove') this.remove(row);
		else if (act === 'pause') transfer?.pause();
		else if (act === 'goOn' || act === 'again') transfer?.start();
		else if (act === 'choose') {
			this.chosen = row;
			this.choose('one');
		}
		this.startNext();
	}

	private remove(row: Row): void {
		const at = this.rows.indexOf(row);
		const name = row.name;
		row.transfer?.remove();
		this.rows.splice(at, 1);
		row.element.remove();
		const next = this.rows[at] ?? this.rows[at - 1];
		(next?.button('remove') ?? find('[data-attach=files]', this.area))?.focus();
		this.tell.say(this.words.say('removed', { name }));
		this.show();
		this.form.dispatchEvent(new Event('change')); // the draft is another now
	}

	private attach(files: LibraryFile[]): void {
		for (const file of files) {
			if (this.rows.some(row => row.id === file.id)) continue;
			const row = Row.make(this.template, this.words, file.name, file.bytes);
			row.element.dataset.file = file.id;
			row.element.dataset.state = 'ready';
			find('.file-note', row.element)!.textContent = file.size;
			this.rows.push(row);
			this.list.append(row.element);
			row.show();
			row.refuse(this.documents.refusalOf(file.name, file.bytes));
			void this.documents.look(row);
			this.tell.attached(file.name);
		}
		this.show();
		this.form.dispatchEvent(new Event('change'));
	}

	/* ---- what is seen ---- */

	private changed(row: Row): void {
		const state = row.transfer?.state;
		if (state === 'running') return this.showSoon();
		row.show();
		if (state === 'done') this.tell.attached(row.name);
		if (state === 'done') void this.documents.look(row);
		if (state === 'failed') this.tell.say(`${row.name}: ${find('.file-note', row.element)?.textContent ?? ''}`);
		if (state === 'done' || state === 'failed' || state === 'paused') this.startNext();
		this.show();
		this.form.dispatchEvent(new Event('change'));
	}

	/** Numbers that change all the time are shown now and then. */
	private showSoon(): void {
		this.showing ??= window.setTimeout(() => { this.showing = undefined; this.show(); }, SHOW_MS);
	}

	private show(): void {
		for (const row of this.rows) row.show();
		this.list.hidden = this.rows.length === 0;
		this.gate.look();
	}
}
