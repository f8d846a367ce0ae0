-- One Merkle tree for each stream (a server, or the platform), kept up by the database itself.
--
-- Hashes as in RFC 6962: leaf = SHA-256(0x00 || leaf), node = SHA-256(0x01 || left || right).
-- `frontier` holds the roots of the perfect subtrees so far, largest first: appending is one lock on
-- one row and at most log2(size) hashes. Nodes are kept only at levels 8, 16, 24: what tiles need.

CREATE TABLE audit_stream (
    id       uuid PRIMARY KEY,
    size     bigint NOT NULL DEFAULT 0,
    frontier bytea NOT NULL DEFAULT '',
    last_at  timestamptz NOT NULL DEFAULT '-infinity'
) WITH (fillfactor = 50);

-- The filed_ columns repeat what the leaf says, for pages that filter; only the leaf is proved.
CREATE TABLE audit_event (
    stream_id uuid NOT NULL,
    seq       bigint NOT NULL,
    leaf      bytea NOT NULL CHECK (octet_length(leaf) BETWEEN 2 AND 65535),
    leaf_hash bytea GENERATED ALWAYS AS (sha256('\x00'::bytea || leaf)) STORED,
    filed_as  text,
    filed_by  text,
    filed_at  timestamptz,
    PRIMARY KEY (stream_id, seq)
);
CREATE INDEX audit_event_by_action ON audit_event (stream_id, filed_as, seq);
CREATE INDEX audit_event_by_capacity ON audit_event (stream_id, filed_by, seq);
CREATE INDEX audit_event_by_time ON audit_event (stream_id, filed_at, seq);

CREATE TABLE audit_node (
    stream_id uuid NOT NULL,
    level     smallint NOT NULL,
    n         bigint NOT NULL,
    hash      bytea NOT NULL,
    PRIMARY KEY (stream_id, level, n)
);

-- Personal values stand beside the tree, sealed under the stream's key. The leaf only commits to them.
CREATE TABLE audit_private (
    stream_id uuid NOT NULL,
    seq       bigint NOT NULL,
    field     text NOT NULL,
    sealed    bytea NOT NULL,
    mark      bytea,  -- keyed digest of the value: finds the entries of one person to show or erase
    PRIMARY KEY (stream_id, seq, field)
);
CREATE INDEX audit_private_by_mark ON audit_private (stream_id, mark, seq);
