// What two readers that know nothing of quire find in a Parquet file, as JSON on standard output: an object on the first
// line, then the rows of the one and those of the other, an array a line.
//
//     node readers.mjs DIRECTORY FILE [SQL]...
//
// DIRECTORY: where npm put them. FILE is the table `t` in SQL. A value is text, whatever its type: so that no digit is
// lost; bytes are "x" and their hexadecimal digits, a null is null. Times are nanoseconds; DuckDB keeps microseconds.
//
// SPDX-License-Identifier: MIT
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import * as zlib from 'node:zlib';

const [directory, path, ...queries] = process.argv.slice(2);
const find = createRequire(pathToFileURL(`${directory}/package.json`));
const load = (name) => import(pathToFileURL(find.resolve(name)));

const hex = (bytes) => 'x' + Buffer.from(bytes).toString('hex');

function text(value) {
    if (value === null || value === undefined) return null;
    if (value instanceof Uint8Array) return hex(value);
    if (value instanceof Date) return `date ${value.getTime()}`;
    if (Object.is(value, -0)) return '-0';
    if (typeof value === 'object') return JSON.stringify(value, (_, v) => (typeof v === 'bigint' ? String(v) : v));
    return String(value);
}

async function byDuckdb() {
    const { DuckDBInstance } = await load('@duckdb/node-api');
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    const ask = async (sql) => (await connection.runAndReadAll(sql)).getRows();
    const table = `read_parquet('${path}')`;
    const columns = (await ask(`describe select * from ${table}`)).map(([name, type]) => ({ name, type }));
    const quoted = columns.map(({ name, type }) => {
        const column = `"${name.replaceAll('"', '""')}"`;
        if (type === 'BLOB') return `'x' || lower(hex(${column}))`;
        if (type.startsWith('TIMESTAMP')) return `(epoch_us(${column})::hugeint * 1000)::varchar`;
        return type === 'DOUBLE' ? column : `${column}::varchar`;
    });
    const rows = (await ask(`select ${quoted.join(', ')} from ${table}`)).map((row) => row.map(text));
    await connection.run(`create view t as select * from ${table}`);
    const answers = [];
    for (const sql of queries) answers.push((await ask(sql)).map((row) => row.map(text)));
    const chunks = (await ask(`select row_group_id, path_in_schema, num_values, stats_null_count, stats_min_value,
        stats_max_value, min_is_exact, max_is_exact, encodings, compression, row_group_num_rows
        from parquet_metadata('${path}')`)).map((row) => row.map(text));
    const notes = Object.fromEntries((await ask(`select decode(key), decode(value) from parquet_kv_metadata('${path}')`)));
    return { columns, rows, chunks, notes, answers };
}

// The checksum of every page of a column chunk, which neither reader looks at. (Node has CRC-32 since 20.15.)
async function checkSums(h, slice, chunk, wrong) {
    const data = chunk.meta_data, name = data.path_in_schema[0];
    const begin = data.dictionary_page_offset ?? data.data_page_offset, length = Number(data.total_compressed_size);
    const reader = await slice(begin, length);
    while (zlib.crc32 && reader.offset < length) {
        const header = h.deserializeTCompactProtocol(reader), bytes = header.field_3;
        const sum = zlib.crc32(new Uint8Array(reader.view.buffer, reader.view.byteOffset + reader.offset, bytes));
        if (sum !== header.field_4 >>> 0) wrong.push(`${name}: checksum`);
        reader.offset += bytes;
    }
}

const ascending = (values) => values.every((value, i) => i === 0 || values[i - 1] <= value);

// A page's bounds have to hold what is in it, and its number of nulls be right: counted from rows read by the index.
async function checkIndex(h, file, metadata, rows, parsers) {
    const wrong = [];
    let begin = 0, pages = 0;
    for (const group of metadata.row_groups) {
        const count = Number(group.num_rows);
        for (const chunk of group.columns) {
            const name = chunk.meta_data.path_in_schema[0];
            const element = metadata.schema.find((e) => e.name === name);
            const slice = async (offset, length) => ({
                view: new DataView(await file.slice(Number(offset), Number(offset) + length)), offset: 0 });
            await checkSums(h, slice, chunk, wrong);
            const places = h.readOffsetIndex(await slice(chunk.offset_index_offset, chunk.offset_index_length));
            if (!chunk.column_index_length) {
                wrong.push(`${name}: no column index`);
                continue;
            }
            const index = h.readColumnIndex(await slice(chunk.column_index_offset, chunk.column_index_length), element, parsers);
            const full = (values) => values.filter((_, i) => !index.null_pages[i]);
            if (index.boundary_order === 'ASCENDING' && !(ascending(full(index.min_values)) && ascending(full(index.max_values))))
                wrong.push(`${name}: the order of its pages`);
            if (name === 'sequence' && index.boundary_order !== 'ASCENDING') wrong.push('sequence: no order');
            places.page_locations.forEach((place, i) => {
                const from = begin + Number(place.first_row_index);
                const next = places.page_locations[i + 1];
                const to = next ? begin + Number(next.first_row_index) : begin + count;
                const values = rows.slice(from, to).map((row) => row[name]).filter((v) => v !== null && v !== undefined);
                pages++;
                if (Number(index.null_counts[i]) !== to - from - values.length) wrong.push(`${name}, page ${i}: nulls`);
                if (index.null_pages[i] !== (values.length === 0)) wrong.push(`${name}, page ${i}: is it empty`);
                if (values.length > 0 && !values.every((v) => inside(v, index.min_values[i], index.max_values[i])))
                    wrong.push(`${name}, page ${i}: bounds`);
            });
        }
        begin += count;
    }
    return { pages, wrong };
}

const bytes = (v) => (typeof v === 'string' ? Buffer.from(v) : Buffer.from(v));
function inside(value, least, most) {
    if (typeof value === 'string' || value instanceof Uint8Array)
        return Buffer.compare(bytes(value), bytes(least)) >= 0 && Buffer.compare(bytes(value), bytes(most)) <= 0;
    return value >= least && value <= most;
}

async function byHyparquet() {
    const h = { ...await load('hyparquet'), ...await load('hyparquet/src/thrift.js') };
    const { compressors } = await load('hyparquet-compressors');
    const file = await h.asyncBufferFromFile(path);
    const parsers = { timestampFromNanoseconds: (nanoseconds) => BigInt(nanoseconds) };
    const metadata = await h.parquetMetadataAsync(file, { parsers });
    const names = metadata.schema.slice(1).map(({ name }) => name);
    const read = (more) => h.parquetReadObjects({ file, metadata, compressors, parsers, utf8: false, ...more });
    const found = await read({});
    const last = found.length ? await read({ rowStart: found.length - 1, rowEnd: found.length, useOffsetIndex: true }) : [];
    return {
        columns: metadata.schema.slice(1).map(({ name, type, repetition_type, logical_type }) => (
            { name, type, repetition: repetition_type, logical: logical_type ? logical_type.type : null })),
        created_by: metadata.created_by,
        rows: found.map((row) => names.map((name) => text(row[name]))),
        last: last.map((row) => names.map((name) => text(row[name]))),
        groups: metadata.row_groups.map((group) => Number(group.num_rows)),
        index: await checkIndex(h, file, metadata, found, { ...parsers, stringFromBytes: (raw) => raw }),
    };
}

const duckdb = await byDuckdb(), hyparquet = await byHyparquet();
const lines = [{ duckdb: { ...duckdb, rows: duckdb.rows.length }, hyparquet: { ...hyparquet, rows: hyparquet.rows.length } },
    ...duckdb.rows, ...hyparquet.rows];
for (let at = 0; at < lines.length; at += 1000) {
    const piece = lines.slice(at, at + 1000).map((line) => JSON.stringify(line) + '\n').join('');
    await new Promise((done) => process.stdout.write(piece, done));
}
process.exit(0);
