using System.Globalization;
using System.Text.Json;
using CdfProvisioning.Iot;
using CdfProvisioning.Storage.Sqlite;
using CdfProvisioning.Templates;

namespace CdfProvisioning.Embedded.Registry;

/// <summary>The templates with which devices provision themselves (AWS IoT API Reference, CreateProvisioningTemplate).</summary>
internal static class ProvisioningTemplates
{
    public const string FleetProvisioning = "FLEET_PROVISIONING";
    public const string JustInTime = "JITP";

    /// <summary>AWS General Reference, fleet provisioning quotas.</summary>
    private const int MaxVersions = 5, MaxTemplates = 256;

    private const string Select = "SELECT id, name, description, type, enabled, role_arn, hook, default_version, last_version, created_at, modified_at FROM provisioning_template";

    public static CreateProvisioningTemplateResponse Create(Scope scope, CreateProvisioningTemplateRequest request)
    {
        CheckBody(request.TemplateBody);
        if (Find(scope, request.TemplateName) is not null)
            throw IotErrorType.ResourceAlreadyExists.Error($"Template {request.TemplateName} already exists", request.TemplateName, ArnOf(scope, request.TemplateName));
        if (scope.Session.Scalar<long>("SELECT count(*) FROM provisioning_template") >= MaxTemplates)
            throw IotErrorType.LimitExceeded.Error($"There are {MaxTemplates} provisioning templates, and there may not be more.");
        scope.Session.Execute(
            """
            INSERT INTO provisioning_template (name, description, type, enabled, role_arn, hook, default_version, last_version, created_at, modified_at)
            VALUES ($1, $2, $3, $4, $5, $6, 1, 1, $7, $7)
            """,
            request.TemplateName, request.Description, request.Type ?? FleetProvisioning, request.Enabled ?? false, request.ProvisioningRoleArn,
            Write(request.PreProvisioningHook), scope.Now);
        AddVersion(scope, scope.Session.LastInsertId, 1, request.TemplateBody);
        Tags.Set(scope, $"provisioningtemplate/{request.TemplateName}", request.Tags);
        return new(ArnOf(scope, request.TemplateName), request.TemplateName, 1);
    }

    public static DescribeProvisioningTemplateResponse Describe(Scope scope, DescribeProvisioningTemplateRequest request)
    {
        var template = Get(scope, request.TemplateName);
        return new(
            ArnOf(scope, template.Name), template.Name, template.Description, template.CreatedAt, template.ModifiedAt, (int)template.DefaultVersion,
            BodyOf(scope, template, template.DefaultVersion).Body, template.IsEnabled, template.RoleArn, template.Hook, template.Type);
    }

    public static ListProvisioningTemplatesResponse List(Scope scope, ListProvisioningTemplatesRequest request)
    {
        var (templates, nextToken) = Paging.ByToken("provisioning-templates", request.NextToken, request.MaxResults).Read(scope.Session, new($"{Select} WHERE TRUE", "id"), Read);
        return new([.. templates.Select(t => new ProvisioningTemplateSummary(ArnOf(scope, t.Name), t.Name, t.Description, t.CreatedAt, t.ModifiedAt, t.IsEnabled, t.Type))], nextToken);
    }

    public static UpdateProvisioningTemplateResponse Update(Scope scope, UpdateProvisioningTemplateRequest request)
    {
        var template = Get(scope, request.TemplateName);
        if (request.DefaultVersionId is { } version)
            BodyOf(scope, template, version);
        if (request is { PreProvisioningHook: not null, RemovePreProvisioningHook: true })
            throw IotErrorType.InvalidRequest.Error("A hook cannot be set and removed at once.");
        scope.Session.Execute(
            "UPDATE provisioning_template SET description = $2, enabled = $3, role_arn = $4, hook = $5, default_version = $6, modified_at = $7 WHERE id = $1",
            template.Key, request.Description ?? template.Description, request.Enabled ?? template.IsEnabled, request.ProvisioningRoleArn ?? template.RoleArn,
            Write(request.RemovePreProvisioningHook ?? false ? null : request.PreProvisioningHook ?? template.Hook), request.DefaultVersionId ?? template.DefaultVersion, scope.Now);
        return new();
    }

    /// <exception cref="CdfException">Conflict: a CA provisions its devices with it.</exception>
    public static DeleteProvisioningTemplateResponse Delete(Scope scope, DeleteProvisioningTemplateRequest request)
    {
        var template = Get(scope, request.TemplateName);
        if (scope.Session.Scalar<bool>("SELECT EXISTS (SELECT 1 FROM ca_certificate WHERE json_extract(registration_config, '$.templateName') = $1)", template.Name))
            throw IotErrorType.DeleteConflict.Error($"Template {template.Name} is in the registrationConfig of a CA certificate: take it out of there first.");
        scope.Session.Execute("DELETE FROM provisioning_template_version WHERE template_id = $1", template.Key);
        scope.Session.Execute("DELETE FROM provisioning_template WHERE id = $1", template.Key);
        Tags.Clear(scope, $"provisioningtemplate/{template.Name}");
        return new();
    }

    public static CreateProvisioningTemplateVersionResponse CreateVersion(Scope scope, CreateProvisioningTemplateVersionRequest request)
    {
        CheckBody(request.TemplateBody);
        var template = Get(scope, request.TemplateName);
        if (scope.Session.Scalar<long>("SELECT count(*) FROM provisioning_template_version WHERE template_id = $1", template.Key) >= MaxVersions)
            throw IotErrorType.VersionsLimitExceeded.Error($"Template {template.Name} has {MaxVersions} versions, and may not have more: delete one first.");
        var version = template.LastVersion + 1;
        var isDefault = request.SetAsDefault ?? false;
        AddVersion(scope, template.Key, version, request.TemplateBody);
        scope.Session.Execute(
            "UPDATE provisioning_template SET last_version = $2, default_version = $3, modified_at = $4 WHERE id = $1",
            template.Key, version, isDefault ? version : template.DefaultVersion, scope.Now);
        return new(ArnOf(scope, template.Name), template.Name, (int)version, isDefault);
    }

    public static DescribeProvisioningTemplateVersionResponse DescribeVersion(Scope scope, DescribeProvisioningTemplateVersionRequest request)
    {
        var template = Get(scope, request.TemplateName);
        var (body, createdAt) = BodyOf(scope, template, request.VersionId);
        return new(request.VersionId, createdAt, body, request.VersionId == template.DefaultVersion);
    }

    public static ListProvisioningTemplateVersionsResponse ListVersions(Scope scope, ListProvisioningTemplateVersionsRequest request)
    {
        var template = Get(scope, request.TemplateName);
        var (versions, nextToken) = Paging.ByToken("provisioning-template-versions", request.NextToken, request.MaxResults).Read(
            scope.Session, new("SELECT version, created_at FROM provisioning_template_version WHERE template_id = $1", "version"),
            row => new ProvisioningTemplateVersionSummary(row.Int32(0), row.Time(1), row.Int64(0) == template.DefaultVersion), template.Key);
        return new(versions, nextToken);
    }

    public static DeleteProvisioningTemplateVersionResponse DeleteVersion(Scope scope, DeleteProvisioningTemplateVersionRequest request)
    {
        var template = Get(scope, request.TemplateName);
        BodyOf(scope, template, request.VersionId);
        if (request.VersionId == template.DefaultVersion)
            throw IotErrorType.DeleteConflict.Error($"Cannot delete the default version of template {template.Name}: make another version the default first, or delete the template.");
        scope.Session.Execute("DELETE FROM provisioning_template_version WHERE template_id = $1 AND version = $2", template.Key, request.VersionId);
        return new();
    }

    /// <exception cref="CdfException">NotFound.</exception>
    public static StoredProvisioningTemplate Get(Scope scope, string name) =>
        Find(scope, name) ?? throw IotErrorType.ResourceNotFound.Error($"Template {IotNames.Shown(name)} does not exist.");

    /// <summary>The body of the default version.</summary>
    /// <exception cref="CdfException">NotFound.</exception>
    public static string BodyOf(Scope scope, string name)
    {
        var template = Get(scope, name);
        return BodyOf(scope, template, template.DefaultVersion).Body;
    }

    public static string ArnOf(Scope scope, string name) => $"{scope.Arns.Prefix}:provisioningtemplate/{name}";

    public static StoredProvisioningTemplate? Find(Scope scope, string name) => scope.Session.Single($"{Select} WHERE name = $1", Read, name);

    private static (string Body, DateTimeOffset CreatedAt) BodyOf(Scope scope, StoredProvisioningTemplate template, long version) =>
        scope.Session.Query(
            "SELECT body, created_at FROM provisioning_template_version WHERE template_id = $1 AND version = $2", row => (row.Text(0), row.Time(1)), template.Key, version) is [var found]
            ? found
            : throw IotErrorType.ResourceNotFound.Error($"Template {template.Name} has no version {version.ToString(CultureInfo.InvariantCulture)}.");

    private static void AddVersion(Scope scope, long template, long version, string body) => scope.Session.Execute(
        "INSERT INTO provisioning_template_version (template_id, version, body, created_at) VALUES ($1, $2, $3, $4)", template, version, body, scope.Now);

    private static void CheckBody(string body) => ProvisioningTemplate.Compile(body);

    private static string? Write(ProvisioningHook? hook) => hook is null ? null : JsonSerializer.Serialize(hook, IotJson.Default.ProvisioningHook);

    private static StoredProvisioningTemplate Read(Row row) => new(
        row.Int64(0), row.Text(1), row.TextOrNull(2), row.Text(3), row.Boolean(4), row.Text(5),
        row.TextOrNull(6) is { } json ? JsonSerializer.Deserialize(json, IotJson.Default.ProvisioningHook) : null,
        row.Int64(7), row.Int64(8), row.Time(9), row.Time(10));
}

/// <summary>A provisioning template as it stands in the file.</summary>
internal sealed record StoredProvisioningTemplate(
    long Key, string Name, string? Description, string Type, bool IsEnabled, string RoleArn, ProvisioningHook? Hook, long DefaultVersion, long LastVersion,
    DateTimeOffset CreatedAt, DateTimeOffset ModifiedAt);
