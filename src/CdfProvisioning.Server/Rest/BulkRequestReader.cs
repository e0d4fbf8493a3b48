using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text.Json;
using CdfProvisioning.Lists;

namespace CdfProvisioning.Server.Rest;

/// <summary>
/// Reads a <c>BulkRegistrationRequest</c> as it arrives, a row at a time. Its members may come in any order, so what
/// there is beside the rows is known for certain only after the last row.
/// </summary>
internal sealed class BulkRequestReader(PipeReader body)
{
    /// <summary>Of one value, in bytes: what <see cref="DeviceListReader"/> allows a line, in the longest encoding.</summary>
    private const int MaxValueLength = 4 * DeviceListReader.MaxLineLength;

    private readonly JsonSerializerOptions _rowOptions = ParametersJson.With(new());
    private readonly HashSet<string> _members = [];
    private JsonReaderState _state;
    private bool _isInRows;
    private long _rows;

    public string? TemplateId { get; private set; }

    /// <summary>The member <c>cdfProvisioningParameters</c>: the same for all rows.</summary>
    public CdfProvisioningParameters? CdfParameters { get; private set; }

    /// <exception cref="CdfException">InvalidRequest, naming the row or the line.</exception>
    public async IAsyncEnumerable<IReadOnlyDictionary<string, string>> RowsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await body.ReadAsync(cancellationToken);
            var buffer = read.Buffer;
            try
            {
                while (TakeRow(ref buffer, read.IsCompleted) is { } row)
                    yield return row;
                if (buffer.Length > MaxValueLength)
                    throw CdfErrorCode.InvalidRequest.Error($"{(_isInRows ? $"Row {_rows + 1} of 'parameters'" : "A value in the body")} is longer than {MaxValueLength:N0} bytes.");
            }
            finally
            {
                body.AdvanceTo(buffer.Start, buffer.End); // also of a list that is refused: else Kestrel cannot read the rest, and cuts the connection
            }

            if (read.IsCompleted)
                yield break;
        }
    }

    /// <returns>Null when more has to arrive first.</returns>
    private IReadOnlyDictionary<string, string>? TakeRow(ref ReadOnlySequence<byte> buffer, bool isLast)
    {
        var reader = new Utf8JsonReader(buffer, isLast, _state);
        try
        {
            IReadOnlyDictionary<string, string>? row = null;
            while (row is null && TryRead(ref reader, out row))
            {
            }
            _state = reader.CurrentState;
            buffer = buffer.Slice(reader.Position);
            return row;
        }
        catch (JsonException e)
        {
            throw RestJson.Failure(e, _isInRows ? $"Row {_rows + 1} of 'parameters'" : $"The body, {RestJson.Place(e)}");
        }
        catch (InvalidOperationException e)
        {
            throw CdfErrorCode.InvalidRequest.Error("The body has text that is not Unicode.", e); // so says Utf8JsonReader.GetString
        }
    }

    /// <summary>Reads what comes next, as a whole or not at all.</summary>
    private bool TryRead(ref Utf8JsonReader reader, out IReadOnlyDictionary<string, string>? row)
    {
        row = null;
        var next = reader;
        if (!next.Read())
            return false;

        if (next.CurrentDepth == 0 && next.TokenType is not (JsonTokenType.StartObject or JsonTokenType.EndObject))
            throw new JsonException("it is not an object");
        if (next.TokenType == JsonTokenType.PropertyName && next.CurrentDepth == 1)
        {
            if (!TryReadMember(ref next))
                return false;
        }
        else if (_isInRows && next.CurrentDepth == 1)
        {
            _isInRows = false;
        }
        else if (_isInRows)
        {
            if (!IsWhole(next))
                return false;
            row = JsonSerializer.Deserialize<IReadOnlyDictionary<string, string>>(ref next, _rowOptions)!;
            _rows++;
        }

        reader = next;
        return true;
    }

    private bool TryReadMember(ref Utf8JsonReader reader)
    {
        var name = reader.GetString()!;
        if (!reader.Read())
            return false;
        switch (name)
        {
            case "provisioningTemplateId":
                TemplateId = reader.TokenType == JsonTokenType.String ? reader.GetString() : throw new JsonException($"its member '{name}' is not a string");
                break;
            case "parameters":
                _isInRows = reader.TokenType == JsonTokenType.StartArray ? true : throw new JsonException($"its member '{name}' is not an array of objects");
                break;
            case "cdfProvisioningParameters":
                if (!IsWhole(reader))
                    return false;
                CdfParameters = JsonSerializer.Deserialize(ref reader, RestJson.Default.CdfProvisioningParameters);
                break;
            default:
                return true;
        }

        return _members.Add(name) ? true : throw new JsonException($"it has two members '{name}'");
    }

    private static bool IsWhole(Utf8JsonReader reader) => reader.TrySkip();
}
