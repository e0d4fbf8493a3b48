using System.Globalization;
using CdfProvisioning.Certificates;
using CdfProvisioning.Iot;
using Net.Pkcs11Interop.Common;
using Net.Pkcs11Interop.HighLevelAPI;

namespace CdfProvisioning.Pkcs11;

/// <summary>Finds the one token that a URI names.</summary>
internal static class TokenSearch
{
    /// <exception cref="CdfException">NotFound; InvalidRequest: there are several.</exception>
    public static ISlot Find(KeyUri uri, TokenModule module)
    {
        var library = module.Library.GetInfo();
        var all = module.Library.GetSlotList(SlotsType.WithTokenPresent);
        var tokens = all.Where(slot => Fits(uri, library, slot)).ToList();
        return tokens switch
        {
            [var one] => one,
            [] => throw CdfErrorCode.NotFound.Error(
                $"There is no token that '{IotNames.Shown(uri.Text)}' names. {Shown(all)} Plug it in, or name another library (module-path)."),
            _ => throw CdfErrorCode.InvalidRequest.Error($"'{IotNames.Shown(uri.Text)}' names {tokens.Count} tokens: add a serial to it. {Shown(tokens)}"),
        };
    }

    private static bool Fits(KeyUri uri, ILibraryInfo library, ISlot slot)
    {
        var token = slot.GetTokenInfo();
        return token.TokenFlags.TokenInitialized
            && Is("token", token.Label) && Is("manufacturer", token.ManufacturerId) && Is("serial", token.SerialNumber) && Is("model", token.Model)
            && Is("library-description", library.LibraryDescription) && Is("library-manufacturer", library.ManufacturerId) && Is("library-version", library.LibraryVersion)
            && Is("slot-id", slot.SlotId.ToString(CultureInfo.InvariantCulture))
            && FitsSlot(uri, slot);

        bool Is(string attribute, string value) => uri[attribute] is not { } wanted || wanted == value.Trim();
    }

    private static bool FitsSlot(KeyUri uri, ISlot slot)
    {
        if (uri["slot-description"] is null && uri["slot-manufacturer"] is null)
            return true;
        var info = slot.GetSlotInfo();
        return (uri["slot-description"] ?? info.SlotDescription.Trim()) == info.SlotDescription.Trim()
            && (uri["slot-manufacturer"] ?? info.ManufacturerId.Trim()) == info.ManufacturerId.Trim();
    }

    private static string Shown(IReadOnlyList<ISlot> slots)
    {
        var tokens = slots.Select(slot => slot.GetTokenInfo()).Where(token => token.TokenFlags.TokenInitialized).Take(10).Select(token => $"'{token.Label.Trim()}' (serial {token.SerialNumber.Trim()})").ToList();
        return tokens.Count == 0 ? "There are no tokens." : $"There are: {string.Join(", ", tokens)}.";
    }
}
