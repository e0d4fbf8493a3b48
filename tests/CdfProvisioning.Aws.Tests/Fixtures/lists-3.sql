-- The lists of an AWS account as the module wrote them when the format was 3, the registry's tables among theirs: one that has ended, and one whose process was killed while all its rows were under way.
PRAGMA application_id = 0x43646650; PRAGMA user_version = 3;
BEGIN TRANSACTION;
CREATE TABLE setting (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE thing_type (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    uuid BLOB NOT NULL,
    description TEXT,
    searchable_attributes TEXT, -- a JSON array
    created_at INTEGER NOT NULL,
    deprecated_at INTEGER
);
CREATE TABLE billing_group (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    uuid BLOB NOT NULL,
    description TEXT,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL
);
CREATE TABLE thing_group (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    uuid BLOB NOT NULL,
    parent_id INTEGER,
    description TEXT,
    attributes TEXT, -- a JSON object
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL
);
CREATE TABLE thing (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    uuid BLOB NOT NULL,
    type_id INTEGER,
    billing_group_id INTEGER,
    attributes TEXT, -- a JSON object
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    task_id INTEGER, -- the list and its row that registered the thing
    task_row INTEGER
);
CREATE TABLE thing_group_member (
    thing_id INTEGER NOT NULL,
    group_id INTEGER NOT NULL,
    PRIMARY KEY (thing_id, group_id)
) WITHOUT ROWID;
CREATE TABLE ca_certificate (
    id INTEGER PRIMARY KEY AUTOINCREMENT, -- certificates remember their CA after it is deleted
    fingerprint BLOB NOT NULL UNIQUE, -- SHA-256 of der; in hexadecimal it is the certificateId
    der BLOB NOT NULL,
    subject BLOB NOT NULL, -- DER
    status TEXT NOT NULL,
    auto_registration_status TEXT NOT NULL,
    registration_config TEXT, -- JSON
    mode TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    modified_at INTEGER NOT NULL,
    customer_version INTEGER NOT NULL
);
CREATE TABLE certificate (
    id INTEGER PRIMARY KEY,
    fingerprint BLOB NOT NULL UNIQUE,
    der BLOB NOT NULL,
    status TEXT NOT NULL,
    ca_id INTEGER, -- NULL: issued by the registry's own CA, or registered without one
    mode TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    modified_at INTEGER NOT NULL,
    customer_version INTEGER NOT NULL
);
CREATE TABLE thing_principal (
    thing_id INTEGER NOT NULL,
    certificate_id INTEGER NOT NULL,
    exclusive INTEGER NOT NULL,
    PRIMARY KEY (thing_id, certificate_id)
) WITHOUT ROWID;
CREATE TABLE policy (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    default_version INTEGER NOT NULL,
    last_version INTEGER NOT NULL, -- version numbers are never used twice
    created_at INTEGER NOT NULL,
    modified_at INTEGER NOT NULL
);
CREATE TABLE policy_version (
    policy_id INTEGER NOT NULL,
    version INTEGER NOT NULL,
    document TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (policy_id, version)
);
CREATE TABLE certificate_policy (
    certificate_id INTEGER NOT NULL,
    policy_id INTEGER NOT NULL,
    PRIMARY KEY (certificate_id, policy_id)
) WITHOUT ROWID;
CREATE TABLE thing_group_policy (
    group_id INTEGER NOT NULL,
    policy_id INTEGER NOT NULL,
    PRIMARY KEY (group_id, policy_id)
) WITHOUT ROWID;
CREATE TABLE task (
    id INTEGER PRIMARY KEY,
    task_id TEXT NOT NULL UNIQUE,
    template_id TEXT,
    template_body TEXT,
    status TEXT NOT NULL,
    options TEXT NOT NULL, -- JSON
    row_count INTEGER NOT NULL,
    success_count INTEGER NOT NULL,
    failure_count INTEGER NOT NULL,
    message TEXT,
    created_at INTEGER NOT NULL,
    modified_at INTEGER NOT NULL,
    owner TEXT, -- the name of the lock that its process holds
    input_complete INTEGER NOT NULL
);
INSERT INTO task VALUES(1,'86e62b8e-3636-4733-b8e5-de44cc653a20','plain','{ "Parameters": { "ThingName": { "Type": "String" } }, "Resources": { "thing": { "Type": "AWS::IoT::Thing", "Properties": { "ThingName": { "Ref": "ThingName" } } } } }','Completed','{}',1,1,0,NULL,1795714981155,1795714981909,NULL,1);
INSERT INTO task VALUES(2,'47873c7b-ffd9-4e36-ab18-10310450c1c6','plain','{ "Parameters": { "ThingName": { "Type": "String" } }, "Resources": { "thing": { "Type": "AWS::IoT::Thing", "Properties": { "ThingName": { "Ref": "ThingName" } } } } }','InProgress','{}',8,0,0,NULL,1795714982073,1795714982078,'c69f984a594e466e9d52c0d0b06aec03',1);
CREATE TABLE task_input (
    id INTEGER PRIMARY KEY,
    task INTEGER NOT NULL,
    first_row INTEGER NOT NULL,
    row_count INTEGER NOT NULL,
    body BLOB NOT NULL
);
INSERT INTO task_input VALUES(1,2,1,8,X'5b7b225468696e674e616d65223a226465766963652d31227d2c7b225468696e674e616d65223a226465766963652d32227d2c7b225468696e674e616d65223a226465766963652d33227d2c7b225468696e674e616d65223a226465766963652d34227d2c7b225468696e674e616d65223a226465766963652d35227d2c7b225468696e674e616d65223a226465766963652d36227d2c7b225468696e674e616d65223a226465766963652d37227d2c7b225468696e674e616d65223a226465766963652d38227d5d');
CREATE TABLE task_result (
    task INTEGER NOT NULL,
    row INTEGER NOT NULL,
    thing_name TEXT,
    certificate BLOB, -- its fingerprint
    error_code TEXT,
    error TEXT,
    PRIMARY KEY (task, row)
) WITHOUT ROWID;
INSERT INTO task_result VALUES(1,1,'sensor-2',NULL,NULL,NULL);
CREATE TABLE task_row ( -- rows that were begun where registering them is no transaction of this file
    task INTEGER NOT NULL,
    row INTEGER NOT NULL,
    thing_name TEXT,
    certificate TEXT, key_identifier BLOB, begun_at INTEGER, -- the id of one that was made for the row
    PRIMARY KEY (task, row)
) WITHOUT ROWID;
INSERT INTO task_row VALUES(2,1,'device-1',NULL,NULL,1795714982081);
INSERT INTO task_row VALUES(2,2,'device-2',NULL,NULL,1795714982081);
INSERT INTO task_row VALUES(2,3,'device-3',NULL,NULL,1795714982081);
INSERT INTO task_row VALUES(2,4,'device-4',NULL,NULL,1795714982081);
INSERT INTO task_row VALUES(2,5,'device-5',NULL,NULL,1795714982081);
INSERT INTO task_row VALUES(2,6,'device-6',NULL,NULL,1795714982081);
INSERT INTO task_row VALUES(2,7,'device-7',NULL,NULL,1795714982081);
INSERT INTO task_row VALUES(2,8,'device-8',NULL,NULL,1795714982081);
DELETE FROM sqlite_sequence;
CREATE INDEX thing_group_by_parent ON thing_group (parent_id);
CREATE INDEX thing_by_type ON thing (type_id) WHERE type_id IS NOT NULL;
CREATE INDEX thing_by_billing_group ON thing (billing_group_id) WHERE billing_group_id IS NOT NULL;
CREATE INDEX thing_group_member_by_group ON thing_group_member (group_id, thing_id);
CREATE INDEX ca_certificate_by_subject ON ca_certificate (subject);
CREATE INDEX certificate_by_ca ON certificate (ca_id) WHERE ca_id IS NOT NULL;
CREATE INDEX thing_principal_by_certificate ON thing_principal (certificate_id, thing_id);
CREATE INDEX certificate_policy_by_policy ON certificate_policy (policy_id, certificate_id);
CREATE INDEX thing_group_policy_by_policy ON thing_group_policy (policy_id, group_id);
CREATE INDEX task_input_by_task ON task_input (task, first_row);
CREATE UNIQUE INDEX task_row_by_thing ON task_row (task, thing_name);
COMMIT;
