-- A registry as the module wrote it when its format was 3: a thing with all that a thing can have, a list that has ended, and one whose process was killed.
PRAGMA application_id = 0x43646650; PRAGMA user_version = 3;
BEGIN TRANSACTION;
CREATE TABLE setting (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;
INSERT INTO setting VALUES('own_authority',replace('-----BEGIN CERTIFICATE-----\nMIICATCCAaegAwIBAgIUSyUAY8rUvILsKwxy0HXDgIQu4nAwCgYIKoZIzj0EAwIw\nTTFLMEkGA1UECwxCQW1hem9uIFdlYiBTZXJ2aWNlcyBPPUFtYXpvbi5jb20gSW5j\nLiBMPVNlYXR0bGUgU1Q9V2FzaGluZ3RvbiBDPVVTMCAXDTI2MTEyNjE3NDIzNloY\nDzIwNTAxMjMxMjM1OTU5WjBNMUswSQYDVQQLDEJBbWF6b24gV2ViIFNlcnZpY2Vz\nIE89QW1hem9uLmNvbSBJbmMuIEw9U2VhdHRsZSBTVD1XYXNoaW5ndG9uIEM9VVMw\nWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATlo+o2hepViB6DheXviUMcSzBWDuzW\naDuXCzFCd7nqBrf+HpKI9k++Mcsy3/XAp6QBLzZlmOpqW+86T26PArEno2MwYTAf\nBgNVHSMEGDAWgBQ0h5ZM9QdjqF+IA1k+xvuFKIWpFzAdBgNVHQ4EFgQUNIeWTPUH\nY6hfiANZPsb7hSiFqRcwDwYDVR0TAQH/BAUwAwEB/zAOBgNVHQ8BAf8EBAMCAQYw\nCgYIKoZIzj0EAwIDSAAwRQIhAMy3l16yNaOI5pg4yXU8Ow7UdALD5A0a1b1evMl1\n2+t3AiBHNjIaH3bM1U9eqQwMMv0LRNaacqDAPUWv476Kvq2uSw==\n-----END CERTIFICATE-----\n','\n',char(10)));
CREATE TABLE thing_type (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    uuid BLOB NOT NULL,
    description TEXT,
    searchable_attributes TEXT, -- a JSON array
    created_at INTEGER NOT NULL,
    deprecated_at INTEGER
);
INSERT INTO thing_type VALUES(1,'sensor',X'e6da18c865aece4b91849dc6c6a4b2a6',NULL,NULL,1795714956480,NULL);
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
INSERT INTO thing_group VALUES(1,'factory',X'0daea2e0a8afb74ea6c4f95ada43a91b',NULL,NULL,NULL,1,1795714956493);
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
INSERT INTO thing VALUES(1,'sensor-1',X'359dcba95ee12c41985065ba87226ff1',1,NULL,'{"site":"Ulm"}',1,1795714956747,NULL,NULL);
INSERT INTO thing VALUES(2,'sensor-2',X'01f09f2cd1dfaa429b4aaf860db33005',NULL,NULL,NULL,1,1795714956981,1,1);
CREATE TABLE thing_group_member (
    thing_id INTEGER NOT NULL,
    group_id INTEGER NOT NULL,
    PRIMARY KEY (thing_id, group_id)
) WITHOUT ROWID;
INSERT INTO thing_group_member VALUES(1,1);
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
INSERT INTO certificate VALUES(1,X'da983758ca14dc8f578bd84b743afc30c9811f725c082df455b46cc2fe124778',X'308201c230820168a0030201020214596ec964253470d7d23e6f229b84c9834cc14d15300a06082a8648ce3d040302304d314b3049060355040b0c42416d617a6f6e20576562205365727669636573204f3d416d617a6f6e2e636f6d20496e632e204c3d53656174746c652053543d57617368696e67746f6e20433d5553301e170d3236313132363137343033365a170d3439313233313233353935395a30133111300f0603550403130873656e736f722d313059301306072a8648ce3d020106082a8648ce3d030107034200043efbee027d3cdda1b51b6f03e23fee926621bb164bf862cbe9a834be6cc99cce80150c63f8d0f55bfc9f38740d8b22011193d4fc9c9a1c4e22e9e8bad6d3477ea360305e301f0603551d230418301680143487964cf50763a85f8803593ec6fb852885a917301d0603551d0e04160414f6d1d5982b5b2cd687011fa04553191e9bcc8da3300c0603551d130101ff04023000300e0603551d0f0101ff040403020780300a06082a8648ce3d040302034800304502202a0015c93752842df6761465888d76de48e227a79a22f7c8d897c270caa35903022100e56082ff34495b4e2b7e9a54514289f69f65a90e3eb6377f407608aaab396a4a','ACTIVE',NULL,'DEFAULT',1795714956747,1795714956747,1);
CREATE TABLE thing_principal (
    thing_id INTEGER NOT NULL,
    certificate_id INTEGER NOT NULL,
    exclusive INTEGER NOT NULL,
    PRIMARY KEY (thing_id, certificate_id)
) WITHOUT ROWID;
INSERT INTO thing_principal VALUES(1,1,0);
CREATE TABLE policy (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    default_version INTEGER NOT NULL,
    last_version INTEGER NOT NULL, -- version numbers are never used twice
    created_at INTEGER NOT NULL,
    modified_at INTEGER NOT NULL
);
INSERT INTO policy VALUES(1,'sensors',1,1,1795714956450,1795714956450);
CREATE TABLE policy_version (
    policy_id INTEGER NOT NULL,
    version INTEGER NOT NULL,
    document TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (policy_id, version)
);
INSERT INTO policy_version VALUES(1,1,'{ "Version": "2012-10-17", "Statement": [ { "Effect": "Allow", "Action": "iot:Connect", "Resource": "*" } ] }',1795714956450);
CREATE TABLE certificate_policy (
    certificate_id INTEGER NOT NULL,
    policy_id INTEGER NOT NULL,
    PRIMARY KEY (certificate_id, policy_id)
) WITHOUT ROWID;
INSERT INTO certificate_policy VALUES(1,1);
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
INSERT INTO task VALUES(1,'63b5be69-46fd-472a-8613-d2dbcc343158','plain','{ "Parameters": { "ThingName": { "Type": "String" } }, "Resources": { "thing": { "Type": "AWS::IoT::Thing", "Properties": { "ThingName": { "Ref": "ThingName" } } } } }','Completed','{}',1,1,0,NULL,1795714956902,1795714956992,NULL,1);
INSERT INTO task VALUES(2,'491f0774-3355-4038-b770-1684bf0e15fb','withkey','{ "Parameters": { "ThingName": { "Type": "String" }, "CertificateId": { "Type": "String" } }, "Resources": { "thing": { "Type": "AWS::IoT::Thing", "Properties": { "ThingName": { "Ref": "ThingName" } } }, "certificate": { "Type": "AWS::IoT::Certificate", "Properties": { "CertificateId": { "Ref": "CertificateId" }, "Status": "ACTIVE" } } }, "CDF": { "createDeviceAWSCertificate": true } }','InProgress','{"keyDirectory":"KEYS"}',4,0,0,NULL,1795714957010,1795714957018,'d3ce013c512c486fbe93602f1a1367bc',1);
CREATE TABLE task_input (
    id INTEGER PRIMARY KEY,
    task INTEGER NOT NULL,
    first_row INTEGER NOT NULL,
    row_count INTEGER NOT NULL,
    body BLOB NOT NULL
);
INSERT INTO task_input VALUES(1,2,1,4,X'5b7b225468696e674e616d65223a226465766963652d31227d2c7b225468696e674e616d65223a226465766963652d32227d2c7b225468696e674e616d65223a226465766963652d33227d2c7b225468696e674e616d65223a226465766963652d34227d5d');
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
