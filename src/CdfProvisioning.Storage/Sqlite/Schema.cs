namespace CdfProvisioning.Storage.Sqlite;

/// <summary>The tables, and how a file made by an older version gets the newest ones.</summary>
internal static class Schema
{
    /// <summary>"CdfP": what marks a SQLite file as a registry (PRAGMA application_id).</summary>
    private const int ApplicationId = 0x43646650;

    /// <summary>Script n takes a registry of version n to version n + 1 (PRAGMA user_version).</summary>
    private static readonly string[] Scripts = [Version1, Version2, Version3];

    public static int Version => Scripts.Length;

    /// <summary>Refuses a file that is not ours, before anything in it is changed.</summary>
    public static void Check(Session session, string path)
    {
        var isEmpty = session.Scalar<long>("SELECT count(*) FROM sqlite_schema") == 0;
        if (!isEmpty && session.Scalar<int>("PRAGMA application_id") != ApplicationId)
            throw SqliteFailures.NotOurs(path, "it is another program's database");
        if (session.Scalar<int>("PRAGMA user_version") is var version && version > Version)
            throw SqliteFailures.Unavailable(
                $"The registry '{path}' was made by a newer version of the module (its format is {version}, this version knows {Version}). Update the module.");
    }

    /// <summary>Brings the tables up to date, once, however many processes open the file at the same moment.</summary>
    public static void Migrate(Session session, string path)
    {
        if (session.Scalar<int>("PRAGMA user_version") == Version)
            return;
        session.Execute("BEGIN IMMEDIATE");
        try
        {
            Check(session, path);
            for (var version = session.Scalar<int>("PRAGMA user_version"); version < Version; version++)
                session.ExecuteScript(Scripts[version]);
            session.ExecuteScript($"PRAGMA application_id = {ApplicationId}; PRAGMA user_version = {Version};");
            session.Execute("COMMIT");
        }
        catch
        {
            session.Rollback();
            throw;
        }
    }

    /// <summary>
    /// Integer keys throughout, and as few indexes on random values as possible: those are what slows a registry of a
    /// million things down. Times are milliseconds since 1970, UTC.
    /// </summary>
    private const string Version1 = """
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

    private const string Version2 = """
        CREATE TABLE task_row ( -- rows that were begun where registering them is no transaction of this file
            task INTEGER NOT NULL,
            row INTEGER NOT NULL,
            thing_name TEXT,
            certificate TEXT, -- the id of one that was made for the row
            PRIMARY KEY (task, row)
        ) WITHOUT ROWID;
        CREATE UNIQUE INDEX task_row_by_thing ON task_row (task, thing_name);
        """;

    private const string Version3 = """
        ALTER TABLE task_row ADD COLUMN key_identifier BLOB; -- of the key made for the row, if AWS issues its certificate
        ALTER TABLE task_row ADD COLUMN begun_at INTEGER;
        """;
}
