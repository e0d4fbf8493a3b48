using CdfProvisioning.Storage.Sqlite;

namespace CdfProvisioning.Storage.Journal;

/// <summary>The tables of tasks, their input and their results, in a file of their own or in a registry's.</summary>
internal static class JournalSchema
{
    /// <summary>A journal in a file of its own. Such a file once had a registry's tables too, with nothing in them.</summary>
    public static Schema OfItsOwnFile { get; } = new("journal of lists", Tables, RowsUnderWay, KeysOfRows, WithoutRegistry, FailedRows, RotationTable.Create, PoliciesOfRows);

    public const string Tables = """
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

        CREATE TABLE task_input (
            id INTEGER PRIMARY KEY,
            task INTEGER NOT NULL,
            first_row INTEGER NOT NULL,
            row_count INTEGER NOT NULL,
            body BLOB NOT NULL
        );
        CREATE INDEX task_input_by_task ON task_input (task, first_row);

        CREATE TABLE task_result (
            task INTEGER NOT NULL,
            row INTEGER NOT NULL,
            thing_name TEXT,
            certificate BLOB, -- its fingerprint
            error_code TEXT,
            error TEXT,
            PRIMARY KEY (task, row)
        ) WITHOUT ROWID;
        """;

    public const string RowsUnderWay = """
        CREATE TABLE task_row ( -- rows that were begun where registering them is no transaction of this file
            task INTEGER NOT NULL,
            row INTEGER NOT NULL,
            thing_name TEXT,
            certificate TEXT, -- the id of one that was made for the row
            PRIMARY KEY (task, row)
        ) WITHOUT ROWID;
        CREATE UNIQUE INDEX task_row_by_thing ON task_row (task, thing_name);
        """;

    public const string KeysOfRows = """
        ALTER TABLE task_row ADD COLUMN key_identifier BLOB; -- of the key made for the row, if AWS issues its certificate
        ALTER TABLE task_row ADD COLUMN begun_at INTEGER;
        """;

    public const string FailedRows = """
        ALTER TABLE task_result ADD COLUMN parameters BLOB; -- of a row that failed, so that it can be tried again
        """;

    public const string PoliciesOfRows = """
        ALTER TABLE task_result ADD COLUMN policies TEXT; -- of a row that was registered: JSON, by logical id the ARNs of policies from documents
        """;

    private const string WithoutRegistry = """
        DROP TABLE IF EXISTS setting;
        DROP TABLE IF EXISTS thing_type;
        DROP TABLE IF EXISTS billing_group;
        DROP TABLE IF EXISTS thing_group;
        DROP TABLE IF EXISTS thing;
        DROP TABLE IF EXISTS thing_group_member;
        DROP TABLE IF EXISTS ca_certificate;
        DROP TABLE IF EXISTS certificate;
        DROP TABLE IF EXISTS thing_principal;
        DROP TABLE IF EXISTS policy;
        DROP TABLE IF EXISTS policy_version;
        DROP TABLE IF EXISTS certificate_policy;
        DROP TABLE IF EXISTS thing_group_policy;
        """;
}
