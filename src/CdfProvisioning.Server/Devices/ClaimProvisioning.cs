using System.Buffers;
using System.Formats.Cbor;
using System.Text.Json;
using CdfProvisioning.Embedded.Registry;
using CdfProvisioning.Iot;
using CdfProvisioning.Templates;

namespace CdfProvisioning.Server.Devices;

/// <summary>
/// How devices have themselves provisioned (AWS IoT Developer Guide, device provisioning MQTT API): they ask for a
/// certificate, then for the resources of a template around it, in JSON or CBOR.
/// </summary>
internal sealed class ClaimProvisioning(EmbeddedRegistry registry, PreProvisioningHook? hook)
{
    private const string Certificates = "$aws/certificates/", Templates = "$aws/provisioning-templates/";
    private const string IdParameter = "AWS::IoT::Certificate::Id";

    /// <summary>AWS IoT Developer Guide, pre-provisioning hooks.</summary>
    private static readonly TimeSpan HookPatience = TimeSpan.FromSeconds(5);

    /// <returns>Null if nothing answers on that topic.</returns>
    public async Task<ProvisioningAnswer?> AnswerAsync(DeviceConnection device, string topic, ReadOnlySequence<byte> payload, CancellationToken cancellationToken)
    {
        var levels = topic.Split('/');
        Func<Fields, Task<Fields>>? answer = levels switch
        {
            [_, "certificates", "create", "json" or "cbor"] => _ => CreateKeysAsync(cancellationToken),
            [_, "certificates", "create-from-csr", "json" or "cbor"] => request => CreateFromCsrAsync(request, cancellationToken),
            [_, "provisioning-templates", var template, "provision", "json" or "cbor"] => request => RegisterAsync(device, template, request, cancellationToken),
            _ => null,
        };
        if (answer is null || !(topic.StartsWith(Certificates, StringComparison.Ordinal) || topic.StartsWith(Templates, StringComparison.Ordinal)))
            return null;

        var isCbor = levels[^1] == "cbor";
        try
        {
            var request = isCbor ? Fields.FromCbor(payload.ToArray()) : Fields.FromJson(payload);
            return Written(await answer(request), "accepted", problem: null);
        }
        catch (ProvisioningException e)
        {
            return Rejected(e.Status, e.ErrorCode, e.Message, e.Detail);
        }
        catch (CdfException e)
        {
            var told = PublicText.Of(e.Message);
            return Rejected(e.ErrorType.HttpStatus, e.ErrorTypeName.Replace("Exception", "", StringComparison.Ordinal), told, told == e.Message ? null : e.Message);
        }

        ProvisioningAnswer Rejected(int status, string code, string message, string? detail = null) => Written(
            new Fields { ["statusCode"] = status, ["errorCode"] = code, ["errorMessage"] = message }, "rejected", $"{code}: {message} {detail}".TrimEnd());

        ProvisioningAnswer Written(Fields fields, string outcome, string? problem) => new($"{topic}/{outcome}", isCbor ? fields.ToCbor() : fields.ToJson(), problem);
    }

    private async Task<Fields> CreateKeysAsync(CancellationToken cancellationToken)
    {
        var made = await registry.MakeKeysAsync(cancellationToken);
        var token = await registry.WriteAsync(scope => ProvisioningClaims.AddPending(scope, made.Certificate), cancellationToken);
        return new()
        {
            ["certificateId"] = made.Certificate.Id,
            ["certificatePem"] = made.Certificate.Pem,
            ["privateKey"] = made.Key!.PrivateKeyPem,
            ["certificateOwnershipToken"] = token,
        };
    }

    private async Task<Fields> CreateFromCsrAsync(Fields request, CancellationToken cancellationToken)
    {
        if (request.GetValueOrDefault("certificateSigningRequest") is not string { Length: > 0 } csr)
            throw new ProvisioningException(400, "InvalidCertificateSigningRequest", "The payload has no certificateSigningRequest.");
        var made = await MakeFromCsrAsync(csr, cancellationToken);
        var token = await registry.WriteAsync(scope => ProvisioningClaims.AddPending(scope, made.Certificate), cancellationToken);
        return new() { ["certificateId"] = made.Certificate.Id, ["certificatePem"] = made.Certificate.Pem, ["certificateOwnershipToken"] = token };
    }

    private async Task<MadeCertificate> MakeFromCsrAsync(string csr, CancellationToken cancellationToken)
    {
        try
        {
            return await registry.MakeFromCsrAsync(csr, cancellationToken);
        }
        catch (CdfException e) when (e.Code == CdfErrorCode.InvalidRequest)
        {
            throw new ProvisioningException(400, "InvalidCertificateSigningRequest", e.Message);
        }
    }

    private async Task<Fields> RegisterAsync(DeviceConnection device, string templateName, Fields request, CancellationToken cancellationToken)
    {
        if (request.GetValueOrDefault("certificateOwnershipToken") is not string { Length: > 0 } token)
            throw new ProvisioningException(400, "InvalidCertificateOwnershipToken", "Certificate ownership token cannot be empty.");
        var parameters = Parameters(request);
        var (template, body, arn, certificate) = registry.Read(scope =>
            (ProvisioningTemplates.Get(scope, templateName), ProvisioningTemplates.BodyOf(scope, templateName), ProvisioningTemplates.ArnOf(scope, templateName), ProvisioningClaims.CertificateOf(scope, token)));
        if (certificate is not { } owned)
            throw new ProvisioningException(400, "InvalidCertificateOwnershipToken", "The certificate ownership token is not valid, or has expired.");
        if (!template.IsEnabled)
            throw new ProvisioningException(400, "InvalidRequest", $"Template {templateName} is not enabled.");
        if (template.Type != ProvisioningTemplates.FleetProvisioning)
            throw new ProvisioningException(400, "InvalidRequest", $"Template {templateName} is of type {template.Type}, and not for provisioning over MQTT.");

        foreach (var (name, value) in await AskHookAsync(template, new(device.Identity.CertificateId, owned.CertificateId, owned.Pem, arn, device.ClientId, parameters), cancellationToken))
            parameters[name] = value;
        parameters[IdParameter] = owned.CertificateId;
        var compiled = ProvisioningTemplate.Compile(body);
        var configuration = compiled.ResolveDeviceConfiguration(parameters);
        var prepared = await registry.PrepareAsync(new RegisterThingRequest(body, parameters), cancellationToken);
        await registry.WriteAsync(
            scope =>
            {
                if (ProvisioningClaims.Spend(scope, token) == 0)
                    throw new ProvisioningException(400, "InvalidCertificateOwnershipToken", "The certificate ownership token has been used.");
                return TransactionRegistry.Completed(new TransactionRegistry(scope).InvokeAsync(prepared, CancellationToken.None));
            },
            cancellationToken);
        return new() { ["deviceConfiguration"] = configuration, ["thingName"] = compiled.FindThingName(parameters) };
    }

    private static Dictionary<string, string> Parameters(Fields request) => request.GetValueOrDefault("parameters") switch
    {
        null => [],
        Dictionary<string, object?> given => given.ToDictionary(p => p.Key, p => p.Value as string ?? throw new ProvisioningException(400, "InvalidParameters", $"Parameter '{IotNames.Shown(p.Key)}' is not a text.")),
        _ => throw new ProvisioningException(400, "InvalidParameters", "The parameters are not an object."),
    };

    /// <returns>The parameters that it sets.</returns>
    private async Task<IReadOnlyDictionary<string, string>> AskHookAsync(StoredProvisioningTemplate template, PreProvisioningEvent asked, CancellationToken cancellationToken)
    {
        if (hook is null)
            return template.Hook is null
                ? new Dictionary<string, string>()
                : throw new ProvisioningException(403, "AccessDenied", "The template has a pre-provisioning hook, and this server has none to call in its place.");
        using var limit = new CancellationTokenSource(HookPatience, registry.Clock);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        PreProvisioningAnswer answer;
        try
        {
            answer = await hook(asked, patience.Token).WaitAsync(patience.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ProvisioningException(403, "AccessDenied", $"The pre-provisioning hook did not answer within {HookPatience.TotalSeconds:0} seconds.");
        }

#pragma warning disable CA1031 // Whatever the hook throws, the device is not provisioned; what it was is for who looks after the server.
        catch (Exception e) when (e is not OperationCanceledException)
#pragma warning restore CA1031
        {
            throw new ProvisioningException(403, "AccessDenied", "The pre-provisioning hook failed.", e.Message);
        }

        return answer.AllowProvisioning ? answer.ParameterOverrides : throw new ProvisioningException(403, "AccessDenied", "The pre-provisioning hook does not allow it.");
    }
}

/// <summary>What answers a device.</summary>
/// <param name="Topic">Where.</param>
/// <param name="Payload">JSON or CBOR.</param>
/// <param name="Problem">Why it was rejected.</param>
internal sealed record ProvisioningAnswer(string Topic, byte[] Payload, string? Problem);

/// <summary>Decides whether a device is provisioned (AWS IoT Developer Guide, pre-provisioning hooks).</summary>
internal delegate Task<PreProvisioningAnswer> PreProvisioningHook(PreProvisioningEvent asked, CancellationToken cancellationToken);

/// <summary>What a pre-provisioning hook is asked.</summary>
internal sealed record PreProvisioningEvent(
    string ClaimCertificateId, string CertificateId, string CertificatePem, string TemplateArn, string ClientId, IReadOnlyDictionary<string, string> Parameters);

/// <summary>What it answers.</summary>
internal sealed record PreProvisioningAnswer(bool AllowProvisioning, IReadOnlyDictionary<string, string> ParameterOverrides);

/// <summary>A rejection in the words of the device provisioning MQTT API.</summary>
internal sealed class ProvisioningException(int status, string errorCode, string message, string? detail = null) : Exception(message)
{
    /// <summary>What is not for the device.</summary>
    public string? Detail => detail;

    public int Status => status;

    public string ErrorCode => errorCode;
}

/// <summary>A payload: texts, numbers, and maps of them.</summary>
internal sealed class Fields : Dictionary<string, object?>
{
    /// <summary>A payload nests no deeper than its parameters.</summary>
    private const int MaxDepth = 4;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = MaxDepth };

    public Fields()
        : base(StringComparer.Ordinal)
    {
    }

    public static Fields FromJson(ReadOnlySequence<byte> payload)
    {
        if (payload.IsEmpty)
            return [];
        try
        {
            using var json = JsonDocument.Parse(payload, Strict);
            return json.RootElement.ValueKind == JsonValueKind.Object ? Of(Members(json.RootElement)) : throw NotAnObject();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new ProvisioningException(400, "InvalidPayload", $"The payload is not JSON: {e.Message}");
        }
    }

    public static Fields FromCbor(byte[] payload)
    {
        if (payload.Length == 0)
            return [];
        try
        {
            var reader = new CborReader(payload, CborConformanceMode.Lax);
            var fields = Of(Map(reader, depth: 1));
            return reader.BytesRemaining == 0 ? fields : throw new CborContentException("there is more behind it");
        }
        catch (Exception e) when (e is CborContentException or InvalidOperationException or OverflowException)
        {
            throw new ProvisioningException(400, "InvalidPayload", $"The payload is not CBOR: {e.Message}");
        }
    }

    public byte[] ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
            Write(json, this);
        return buffer.WrittenSpan.ToArray();
    }

    public byte[] ToCbor()
    {
        var writer = new CborWriter();
        Write(writer, this);
        return writer.Encode();
    }

    private static void Write(Utf8JsonWriter json, object? value)
    {
        switch (value)
        {
            case int number:
                json.WriteNumberValue(number);
                break;
            case IEnumerable<KeyValuePair<string, string>> texts:
                Write(json, texts.Select(t => new KeyValuePair<string, object?>(t.Key, t.Value)));
                break;
            case IEnumerable<KeyValuePair<string, object?>> members:
                json.WriteStartObject();
                foreach (var (name, member) in members)
                {
                    json.WritePropertyName(name);
                    Write(json, member);
                }

                json.WriteEndObject();
                break;
            default:
                json.WriteStringValue((string?)value);
                break;
        }
    }

    private static void Write(CborWriter cbor, object? value)
    {
        switch (value)
        {
            case null:
                cbor.WriteNull();
                break;
            case int number:
                cbor.WriteInt32(number);
                break;
            case IEnumerable<KeyValuePair<string, string>> texts:
                Write(cbor, texts.Select(t => new KeyValuePair<string, object?>(t.Key, t.Value)));
                break;
            case IEnumerable<KeyValuePair<string, object?>> members:
                var all = members.ToList();
                cbor.WriteStartMap(all.Count);
                foreach (var (name, member) in all)
                {
                    cbor.WriteTextString(name);
                    Write(cbor, member);
                }

                cbor.WriteEndMap();
                break;
            default:
                cbor.WriteTextString((string)value);
                break;
        }
    }

    private static Fields Of(Dictionary<string, object?> members)
    {
        var fields = new Fields();
        foreach (var (name, value) in members)
            fields[name] = value;
        return fields;
    }

    private static Dictionary<string, object?> Members(JsonElement json)
    {
        var members = new Dictionary<string, object?>();
        foreach (var member in json.EnumerateObject())
            members[member.Name] = member.Value.ValueKind switch
            {
                JsonValueKind.String => member.Value.GetString(),
                JsonValueKind.Object => Members(member.Value),
                JsonValueKind.Null => null,
                _ => new object(), // Nothing that the API has.
            };
        return members;
    }

    private static Dictionary<string, object?> Map(CborReader reader, int depth)
    {
        if (depth > MaxDepth)
            throw new CborContentException("it is nested too deeply");
        if (reader.PeekState() != CborReaderState.StartMap)
            throw NotAnObject();
        var members = new Dictionary<string, object?>();
        reader.ReadStartMap();
        while (reader.PeekState() != CborReaderState.EndMap)
        {
            var name = reader.ReadTextString();
            switch (reader.PeekState())
            {
                case CborReaderState.TextString or CborReaderState.StartIndefiniteLengthTextString:
                    members[name] = reader.ReadTextString();
                    break;
                case CborReaderState.StartMap:
                    members[name] = Map(reader, depth + 1);
                    break;
                case CborReaderState.Null:
                    reader.ReadNull();
                    members[name] = null;
                    break;
                default:
                    reader.SkipValue();
                    members[name] = new object();
                    break;
            }
        }

        reader.ReadEndMap();
        return members;
    }

    private static ProvisioningException NotAnObject() => new(400, "InvalidPayload", "The payload is not an object.");
}
