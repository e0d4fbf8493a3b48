using CdfProvisioning.Certificates;
using CdfProvisioning.Storage.Journal;
using CdfProvisioning.Storage.Sqlite;

namespace CdfProvisioning.Embedded.Registry;

/// <summary>
/// The registry's tables, and the journal's beside them, so that a row's registration and its result are one transaction.
/// Integer keys throughout, and as few indexes on random values as possible: those are what slows a registry of a million
/// things down. Times are milliseconds since 1970, UTC.
/// </summary>
internal static class RegistrySchema
{
    public static Schema OfItsFile { get; } = new("registry", Tables + "\n" + JournalSchema.Tables, JournalSchema.RowsUnderWay, JournalSchema.KeysOfRows, TagsAndIndex, JournalSchema.FailedRows, CertificateExpiry, FleetProvisioning, RotationTable.Create, CertificateConnections.Create, JournalSchema.PoliciesOfRows)
    {
        Define = session => session.Define("not_after", der => CertificateContent.ReadValidity(der).NotAfter.ToUnixTimeMilliseconds()),
    };

    private const string Tables = """
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
        CREATE INDEX thing_group_by_parent ON thing_group (parent_id);

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
        CREATE INDEX thing_by_type ON thing (type_id) WHERE type_id IS NOT NULL;
        CREATE INDEX thing_by_billing_group ON thing (billing_group_id) WHERE billing_group_id IS NOT NULL;

        CREATE TABLE thing_group_member (
            thing_id INTEGER NOT NULL,
            group_id INTEGER NOT NULL,
            PRIMARY KEY (thing_id, group_id)
        ) WITHOUT ROWID;
        CREATE INDEX thing_group_member_by_group ON thing_group_member (group_id, thing_id);

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
        CREATE INDEX ca_certificate_by_subject ON ca_certificate (subject);

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
        CREATE INDEX certificate_by_ca ON certificate (ca_id) WHERE ca_id IS NOT NULL;

        CREATE TABLE thing_principal (
            thing_id INTEGER NOT NULL,
            certificate_id INTEGER NOT NULL,
            exclusive INTEGER NOT NULL,
            PRIMARY KEY (thing_id, certificate_id)
        ) WITHOUT ROWID;
        CREATE INDEX thing_principal_by_certificate ON thing_principal (certificate_id, thing_id);

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
        CREATE INDEX certificate_policy_by_policy ON certificate_policy (policy_id, certificate_id);

        CREATE TABLE thing_group_policy (
            group_id INTEGER NOT NULL,
            policy_id INTEGER NOT NULL,
            PRIMARY KEY (group_id, policy_id)
        ) WITHOUT ROWID;
        CREATE INDEX thing_group_policy_by_policy ON thing_group_policy (policy_id, group_id);
        """;

    private const string CertificateExpiry = """
        ALTER TABLE certificate ADD COLUMN not_after INTEGER;
        UPDATE certificate SET not_after = not_after(der);
        CREATE INDEX certificate_by_not_after ON certificate (not_after);
        """;

    private const string TagsAndIndex = """
        CREATE TABLE tag (
            resource TEXT NOT NULL, -- what follows the account in its ARN, such as policy/sensors
            key TEXT NOT NULL,
            value TEXT NOT NULL,
            PRIMARY KEY (resource, key)
        ) WITHOUT ROWID;

        ALTER TABLE thing_group ADD COLUMN query TEXT; -- of a dynamic group, what finds its things
        ALTER TABLE thing_type ADD COLUMN mqtt5 TEXT; -- JSON

        CREATE TABLE identity_policy ( -- policies of Amazon Cognito identities, of which nothing else is known
            id INTEGER PRIMARY KEY,
            identity TEXT NOT NULL,
            policy_id INTEGER NOT NULL,
            UNIQUE (identity, policy_id)
        );
        CREATE INDEX identity_policy_by_policy ON identity_policy (policy_id, id);
        """;

    private const string FleetProvisioning = """
        CREATE TABLE provisioning_template (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            description TEXT,
            type TEXT NOT NULL,
            enabled INTEGER NOT NULL,
            role_arn TEXT NOT NULL,
            hook TEXT, -- JSON
            default_version INTEGER NOT NULL,
            last_version INTEGER NOT NULL, -- version numbers are never used twice
            created_at INTEGER NOT NULL,
            modified_at INTEGER NOT NULL
        );

        CREATE TABLE provisioning_template_version (
            template_id INTEGER NOT NULL,
            version INTEGER NOT NULL,
            body TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            PRIMARY KEY (template_id, version)
        ) WITHOUT ROWID;

        CREATE TABLE provisioning_claim (
            fingerprint BLOB PRIMARY KEY,
            der BLOB NOT NULL,
            template_name TEXT NOT NULL,
            expires_at INTEGER NOT NULL
        ) WITHOUT ROWID;

        CREATE TABLE certificate_ownership ( -- who may have a certificate provisioned that was made over MQTT
            token BLOB PRIMARY KEY, -- its SHA-256
            certificate_id INTEGER NOT NULL,
            expires_at INTEGER NOT NULL
        ) WITHOUT ROWID;
        """;
}
